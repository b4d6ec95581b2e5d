import { BellOff, Compass, Hash, Lock, Plus, Search, UserPlus, X } from 'lucide-react';
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from 'react';
import { useParley } from '../app/client';
import { useHost } from '../app/host';
import { linkTo, roomPath } from '../app/router';
import { isMac, keysOf, labels } from '../keyboard/shortcuts';
import { around } from '../text/around';
import { common } from '../text/common';
import { sidebar } from '../text/sidebar';
import { classes, Icon, IconButton, Logo } from '../ui';
import { AccountBar } from './AccountBar';
import { Beyond } from './Beyond';
import { DraftMark } from './composer/DraftMark';
import { Online } from './Online';
import type { Over } from './Overlay';
import { useRoomNames } from './rooms';
import styles from './Sidebar.module.css';
import { mentionsOf } from './title';
import { useDrawer } from './useDrawer';
import { useRoomMenu } from './useRoomMenu';
import { Views } from './Views';

// Seen at once, but below what one comes for: its code comes beside the server's first answers.
const Direct = lazy(() => import('./Direct').then((m) => ({ default: m.Direct })));
const NewRoomDialog = lazy(() => import('./NewRoomDialog').then((m) => ({ default: m.NewRoomDialog })));
const BrowseDialog = lazy(() => import('../rooms/BrowseDialog').then((m) => ({ default: m.BrowseDialog })));
const InviteDialog = lazy(() => import('../entry/InviteDialog').then((m) => ({ default: m.InviteDialog })));

interface SidebarProps {
  /** The room on screen. */
  room: string | null;
  /** What is new everywhere is on screen. */
  catchUp: boolean;
  /** It is a drawer over the room, and open says whether it is out. */
  narrow: boolean;
  open: boolean;
  onClose: () => void;
  /** Lays something over the chat. */
  onOver: (over: Over) => void;
}

export function Sidebar({ room, catchUp, narrow, open, onClose, onOver }: SidebarProps) {
  const side = useRef<HTMLDivElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const workspace = useParley((state) => state.workspace?.name ?? 'Parley');
  const out = narrow && open;
  useDrawer(side, out, onClose);
  const role = {
    'aria-label': around.roomsAndPeople,
    ...(narrow ? { role: 'dialog', 'aria-modal': true, 'data-drawer': true } : { role: 'region' }),
  };
  return (
    <>
      <div
        ref={side}
        className={classes(styles.side, narrow && styles.drawer, out && styles.out)}
        inert={narrow && !open}
        {...role}
      >
        <div className={styles.workspace}>
          <Logo />
          <b title={workspace}>{workspace}</b>
          {narrow && <IconButton icon={X} label={common.close} onClick={onClose} />}
        </div>
        <button type="button" className={styles.jump} onClick={() => onOver('switcher')}>
          <Icon of={Search} size={16} />
          <span className={styles.name}>{around.jump}</span>
          <span className={styles.keys} aria-hidden="true">
            {labels(keysOf('switcher'), isMac()).join(' ')}
          </span>
        </button>
        <div className={styles.middle}>
          <div ref={scroll} className={styles.scroll}>
            <Views catchUp={catchUp} onGo={onClose} />
            <Rooms room={room} scroll={scroll} onGo={onClose} />
            <Suspense fallback={null}>
              <Direct room={room} onGo={onClose} />
            </Suspense>
            <Invite />
            <Online />
          </div>
          <Beyond scroll={scroll} />
        </div>
        <AccountBar onOver={onOver} />
      </div>
      {out && <button type="button" className={styles.shade} aria-label={around.closeRooms} onClick={onClose} />}
    </>
  );
}

interface RoomsProps {
  room: string | null;
  scroll: RefObject<HTMLElement | null>;
  onGo: () => void;
}

function Rooms({ room, scroll, onGo }: RoomsProps) {
  const { rooms: names, direct } = useRoomNames();
  // An archived room that is on screen keeps its line until one leaves it.
  const archived = useParley((state) => (room !== null && state.rooms[room]?.archived ? room : null));
  const guest = useParley((state) => state.me?.kind === 'guest');
  const [over, setOver] = useState<'new' | 'browse' | null>(null);
  const shut = () => setOver(null);
  const shown = archived === null || names.includes(archived) ? names : [...names, archived];
  const known = room !== null && (shown.includes(room) || direct.includes(room));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another room is why it runs
  useEffect(() => {
    if (known) {
      scroll.current?.querySelector('[aria-current]')?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [known, room, scroll]);
  return (
    <nav aria-label={around.rooms}>
      <div className={styles.section}>
        <h2>{around.rooms}</h2>
        <span aria-hidden="true">{around.hereNow}</span>
        <IconButton icon={Compass} size="s" label={sidebar.browse} onClick={() => setOver('browse')} />
        {!guest && <IconButton icon={Plus} size="s" label={around.newRoom} onClick={() => setOver('new')} />}
      </div>
      <ul>
        {shown.map((name) => (
          <li key={name}>
            <RoomLink name={name} current={name === room} onGo={onGo} />
          </li>
        ))}
      </ul>
      <Suspense fallback={null}>
        {over === 'new' && <NewRoomDialog onClose={shut} />}
        {over === 'browse' && <BrowseDialog onClose={shut} />}
      </Suspense>
    </nav>
  );
}

function RoomLink({ name, current, onGo }: { name: string; current: boolean; onGo: () => void }) {
  const muted = useParley((state) => state.rooms[name]?.muted ?? false);
  const unread = useParley((state) => state.rooms[name]?.unread ?? 0);
  const mentions = useParley((state) => (state.rooms[name] ? mentionsOf(state.rooms[name]) : 0));
  const online = useParley((state) => state.rooms[name]?.online ?? 0);
  const secret = useParley((state) => state.rooms[name]?.kind === 'private');
  const drafted = useParley((state) => !current && (state.drafts[name] ?? '').trim() !== '');
  const { href, onClick } = linkTo(roomPath(name));
  const menu = useRoomMenu(name);
  const loud = unread > 0 && !muted;
  return (
    <>
      <a
        ref={menu.anchor}
        className={classes(styles.line, loud && styles.unread, muted && styles.muted)}
        href={href}
        onClick={(event) => {
          onClick(event);
          onGo();
        }}
        onContextMenu={menu.onContextMenu}
        aria-current={current ? 'page' : undefined}
        aria-label={around.room(name, unread, mentions, muted, drafted)}
        data-unread={loud || undefined}
      >
        <Icon of={secret ? Lock : Hash} size={16} />
        <span className={styles.name}>{name}</span>
        {!current && <DraftMark room={name} />}
        {muted && <Icon of={BellOff} size={14} />}
        {mentions > 0 && <span className={classes(styles.badge, styles.forMe)}>{around.many(mentions)}</span>}
        <span className={styles.online} role="img" aria-label={around.inRoom(online)} title={around.inRoom(online)}>
          {online}
        </span>
      </a>
      {menu.popup}
    </>
  );
}

/** For those who may invite: the owner and moderators. */
function Invite() {
  const allowed = useParley((state) => state.me?.role === 'owner' || state.me?.role === 'moderator');
  const [open, setOpen] = useState(false);
  const host = useHost();
  if (!allowed || host) {
    return null;
  }
  return (
    <>
      <button type="button" className={classes(styles.line, styles.invite)} onClick={() => setOpen(true)}>
        <Icon of={UserPlus} size={16} />
        <span className={styles.name}>{around.invite}</span>
      </button>
      <Suspense fallback={null}>{open && <InviteDialog onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
