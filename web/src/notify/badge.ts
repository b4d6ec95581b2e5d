import { useEffect } from 'react';
import unreadIcon from '../../icons/icon-unread.svg';
import { useParley } from '../app/client';
import { tagOf } from '../chat/rooms';
import { pageTitle, totalMentions, totalUnread } from '../chat/title';

/** What a browser has that shows a page as an app of its own. */
interface WithBadge {
  setAppBadge?: (n: number) => Promise<void>;
  clearAppBadge?: () => Promise<void>;
}

/** Shows how much is unread in the tab's title, and in its icon and that of the app how much of that is said to oneself. */
export function useBadge(active: boolean, room: string | null): void {
  const unread = useParley((state) => (active ? totalUnread(state) : 0));
  const mentions = useParley((state) => (active ? totalMentions(state) : 0));
  const workspace = useParley((state) => state.workspace?.name ?? 'Parley');
  const tag = useParley((state) => room && tagOf(state, room));
  useEffect(() => {
    if (active) {
      document.title = pageTitle(tag, unread, workspace);
    }
  }, [active, tag, unread, workspace]);
  useEffect(() => {
    if (active) {
      return () => {
        document.title = workspace;
      };
    }
  }, [active, workspace]);
  useEffect(() => showIcon(mentions > 0), [mentions]);
  useEffect(() => showAppBadge(mentions), [mentions]);
}

let plainIcon: string | null = null;

function showIcon(unread: boolean): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) {
    return;
  }
  plainIcon ??= link.href;
  const href = unread ? unreadIcon : plainIcon;
  if (link.href !== href) {
    link.href = href;
  }
}

function showAppBadge(unread: number): void {
  const app = navigator as WithBadge;
  const done = unread > 0 ? app.setAppBadge?.(unread) : app.clearAppBadge?.();
  done?.catch(() => {}); // the page is not shown as an app
}
