// The settings: of oneself for everybody, of the workspace for those who look after it.

import type { Me } from '@parley-chat/client';
import type { LucideIcon } from 'lucide-react';
import {
  Archive,
  Bell,
  Clock,
  Flag,
  Link as LinkIcon,
  Megaphone,
  MonitorSmartphone,
  Palette,
  ScrollText,
  Smile,
  Users,
  X,
} from 'lucide-react';
import { type ComponentType, useEffect } from 'react';
import { useParley } from '../app/client';
import { useHost } from '../app/host';
import { linkTo, navigate } from '../app/router';
import { Waiting } from '../entry/Waiting';
import { NotificationSettings } from '../notify/NotificationSettings';
import { notify } from '../text/notify';
import { people } from '../text/people';
import { settings as texts } from '../text/settings';
import { IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Announcing } from './Announcing';
import { AuditLog } from './AuditLog';
import { Availability } from './Availability';
import { Invitations } from './Invitations';
import { People } from './People';
import { Profile } from './Profile';
import { Reports } from './Reports';
import { Rooms } from './Rooms';
import { Sessions } from './Sessions';
import styles from './Settings.module.css';
import { WorkspaceSettings } from './WorkspaceSettings';

/** A tab of the settings and for whom it is. */
interface Tab {
  path: string;
  name: string;
  icon: LucideIcon;
  may: (me: Me) => boolean;
  of: 'you' | 'workspace';
  /** It has no meaning where the site that this is part of keeps the people. */
  own?: boolean;
  show: ComponentType<{ me: Me }>;
}

const owner = (me: Me) => me.role === 'owner';
const moderator = (me: Me) => me.role === 'owner' || me.role === 'moderator';

const tabs: readonly Tab[] = [
  { path: 'profile', name: texts.tabs.profile, icon: Smile, of: 'you', may: () => true, show: Profile },
  { path: 'notifications', name: notify.title, icon: Bell, of: 'you', may: () => true, show: NotificationSettings },
  {
    path: 'availability',
    name: people.tab,
    icon: Clock,
    of: 'you',
    may: (me) => me.kind === 'member',
    show: Availability,
  },
  {
    path: 'sessions',
    name: texts.tabs.sessions,
    icon: MonitorSmartphone,
    of: 'you',
    own: true,
    may: (me) => me.kind === 'member',
    show: Sessions,
  },
  {
    path: 'people',
    name: texts.tabs.people,
    icon: Users,
    of: 'workspace',
    may: (me) => me.kind === 'member',
    show: People,
  },
  {
    path: 'invites',
    name: texts.tabs.invites,
    icon: LinkIcon,
    of: 'workspace',
    own: true,
    may: moderator,
    show: Invitations,
  },
  { path: 'rooms', name: texts.tabs.rooms, icon: Archive, of: 'workspace', may: moderator, show: Rooms },
  {
    path: 'workspace',
    name: texts.tabs.workspace,
    icon: Palette,
    of: 'workspace',
    may: owner,
    show: WorkspaceSettings,
  },
  { path: 'reports', name: people.reports.tab, icon: Flag, of: 'workspace', may: moderator, show: Reports },
  {
    path: 'announcements',
    name: people.announcements.tab,
    icon: Megaphone,
    of: 'workspace',
    may: owner,
    show: Announcing,
  },
  { path: 'audit', name: texts.tabs.audit, icon: ScrollText, of: 'workspace', may: owner, show: AuditLog },
];

const leave = () => navigate('/');

/** The settings at /settings/TAB; a tab that is not there, or not for whoever asks, is the first one. */
export function Settings({ tab }: { tab: string }) {
  const me = useParley((state) => state.me);
  const workspace = useParley((state) => state.workspace?.name ?? texts.workspace);
  const host = useHost();
  useEscape(leave);
  if (me?.role == null) return <Waiting />;

  const mine = tabs.filter((each) => each.may(me) && !(host && each.own));
  const shown = mine.find((each) => each.path === tab) ?? mine[0];
  if (shown === undefined) return null;
  const Shown = shown.show;
  return (
    <main className={styles.page}>
      <div className={styles.window}>
        <header className={styles.header}>
          <h1>{texts.title}</h1>
          <IconButton className={styles.close} icon={X} label={texts.close} onClick={leave} />
        </header>
        <nav className={styles.nav} aria-label={texts.title}>
          <Links heading={texts.you} tabs={mine.filter((each) => each.of === 'you')} shown={shown} />
          <Links heading={workspace} tabs={mine.filter((each) => each.of === 'workspace')} shown={shown} />
        </nav>
        <section className={styles.body} aria-labelledby="settings-tab">
          <h2 id="settings-tab" tabIndex={-1}>
            {shown.name}
          </h2>
          <Shown key={shown.path} me={me} />
        </section>
      </div>
    </main>
  );
}

/** Brings the link of the tab into view: on a phone the links are one line that scrolls. */
function reveal(link: HTMLAnchorElement | null) {
  link?.scrollIntoView?.({ block: 'nearest', inline: 'center' });
}

function Links({ heading, tabs: links, shown }: { heading: string; tabs: readonly Tab[]; shown: Tab }) {
  if (links.length === 0) return null;
  return (
    <>
      <p className={styles.group}>{heading}</p>
      {links.map((each) => (
        <a
          key={each.path}
          {...linkTo(`/settings/${each.path}`)}
          ref={each === shown ? reveal : undefined}
          className={styles.link}
          aria-current={each === shown ? 'page' : undefined}
        >
          <Icon of={each.icon} size={16} />
          {each.name}
        </a>
      ))}
    </>
  );
}

/** Calls back at Esc, unless something that was open took it. */
function useEscape(callback: () => void) {
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      const inside = event.target instanceof Element && event.target.closest('[role="dialog"], select') !== null;
      if (event.key === 'Escape' && !event.defaultPrevented && !inside) callback();
    };
    document.addEventListener('keydown', heard);
    return () => document.removeEventListener('keydown', heard);
  }, [callback]);
}
