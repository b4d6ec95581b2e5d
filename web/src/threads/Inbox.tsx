import { type Next, type RestThread, rest } from '@parley-chat/client/rest';
import { useCallback, useEffect } from 'react';
import { useClient, useParley } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { useNow } from '../chat/changes/now';
import { openThread } from '../chat/panel';
import { threads as words } from '../text/threads';
import { Excerpt } from './Excerpt';
import styles from './List.module.css';
import { PagedList } from './PagedList';
import { Panel } from './Panel';
import { afterCut, useFrames, usePages } from './pages';
import { useThreadsState } from './threads';

const keyOf = (thread: RestThread) => thread.root.id;

/** The threads that one follows, the one with the newest reply first; one with another reply stays where it is while they are shown. */
export function Inbox({ inert }: { inert: boolean }) {
  const client = useClient();
  const me = useParley((state) => state.me?.id);
  const unread = useThreadsState((state) => state.unread, null);
  const load = useCallback(
    async (before?: Next) => {
      const { threads, next } = await rest(client).threads({ before });
      return { items: threads, next };
    },
    [client],
  );
  const pages = usePages(load, keyOf);
  const { items, refresh } = pages;
  const shown = (root: unknown) => items?.some((thread) => thread.root.id === root) === true;
  useFrames((frame, isNew) => {
    const own = frame.type === 'other' && frame.frame.type === 'thread_follow' ? frame.frame : null;
    if (own?.following === false) {
      pages.change((threads) => threads.filter((thread) => thread.root.id !== own.thread));
    } else if (
      own ||
      afterCut(frame) ||
      (isNew && frame.type === 'message' && frame.thread && frame.user_id === me && !shown(frame.thread))
    ) {
      refresh();
    }
  });
  const missing =
    items &&
    Object.keys(unread ?? {})
      .filter((root) => !shown(root))
      .join(' ');
  useEffect(() => {
    if (missing) {
      refresh();
    }
  }, [missing, refresh]);
  return (
    <Panel label={words.threads} title={words.threads} inert={inert}>
      <PagedList label={words.threads} pages={pages} keyOf={keyOf} empty={words.noThreads} hint={words.noThreadsHint}>
        {(thread) => <Line thread={thread} unread={unread?.[thread.root.id]?.unread ?? 0} />}
      </PagedList>
    </Panel>
  );
}

function Line({ thread, unread }: { thread: RestThread; unread: number }) {
  const root = useNow(thread.root);
  return (
    <Excerpt
      message={root}
      fresh={unread > 0}
      onGo={() => {
        navigate(roomPath(thread.room));
        openThread(thread.room, root.id);
      }}
      more={
        <span className={styles.more}>
          {words.replies(root.replies?.count ?? 0)}
          {unread > 0 && <span className={styles.badge}>{words.unreadReplies(unread)}</span>}
        </span>
      }
    />
  );
}
