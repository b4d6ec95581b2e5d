import { Hash, Plus, UserPlus, X } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useParley } from '../app/client';
import { useHost } from '../app/host';
import { linkTo, roomPath } from '../app/router';
import { Avatar, classes, Icon, IconButton, Logo } from '../ui';
import { AccountBar } from './AccountBar';
import { DraftMark } from './composer/DraftMark';
import { NewRoomDialog } from './NewRoomDialog';
import { onlineEverywhere, useDirectory } from './people';
import styles from './Sidebar.module.css';
import { useDrawer } from './useDrawer';

const InviteDialog = lazy(() => import('../entry/InviteDialog').then((m) => ({ default: m.InviteDialog })));

interface SidebarProps {
  /** The room on screen. */
  room: string | null;
  /** It is a drawer over the room, and open says whether it is out. */
  narrow: boolean;
  open: boolean;
  onClose: () => void;
}

export function Sidebar({ room, narrow, open, onClose }: SidebarProps) {
  const side = useRef<HTMLDivElement>(null);
  const workspace = useParley((state) => state.workspace?.name ?? 'Parley');
  const out = narrow && open;
  useDrawer(side, out, onClose);
  const role = {
    'aria-label': 'Rooms and people',
    ...(narrow ? { role: 'dialog', 'aria-modal': true } : { role: 'region' }),
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
          {narrow && <IconButton icon={X} label="Close" onClick={onClose} />}
        </div>
        <div className={styles.scroll}>
          <Rooms room={room} onGo={onClose} />
          <Invite />
          <Online />
        </div>
        <AccountBar />
      </div>
      {out && <button type="button" className={styles.shade} aria-label="Close the rooms" onClick={onClose} />}
    </>
  );
}

function Rooms({ room, onGo }: { room: string | null; onGo: () => void }) {
  const names = useParley((state) => state.roomNames);
  // An archived room that is on screen keeps its line until one leaves it.
  const archived = useParley((state) => (room !== null && state.rooms[room]?.archived ? room : null));
  const guest = useParley((state) => state.me?.kind === 'guest');
  const [making, setMaking] = useState(false);
  const shown = archived === null || names.includes(archived) ? names : [...names, archived];
  return (
    <nav aria-label="Rooms">
      <div className={styles.section}>
        <h2>Rooms</h2>
        <span aria-hidden="true">here now</span>
        {!guest && <IconButton icon={Plus} size="s" label="New room" onClick={() => setMaking(true)} />}
      </div>
      <ul>
        {shown.map((name) => (
          <li key={name}>
            <RoomLink name={name} current={name === room} onGo={onGo} />
          </li>
        ))}
      </ul>
      <NewRoomDialog open={making} onClose={() => setMaking(false)} />
    </nav>
  );
}

function RoomLink({ name, current, onGo }: { name: string; current: boolean; onGo: () => void }) {
  const unread = useParley((state) => state.rooms[name]?.unread ?? 0);
  const online = useParley((state) => state.rooms[name]?.online ?? 0);
  const { href, onClick } = linkTo(roomPath(name));
  return (
    <a
      className={classes(styles.line, unread > 0 && styles.unread)}
      href={href}
      onClick={(event) => {
        onClick(event);
        onGo();
      }}
      aria-current={current ? 'page' : undefined}
      aria-label={unread > 0 ? `${name}, ${unread} unread` : name}
    >
      <Icon of={Hash} size={16} />
      <span className={styles.name}>{name}</span>
      {!current && <DraftMark room={name} />}
      {unread > 0 && <span className={styles.badge}>{unread > 99 ? '99+' : unread}</span>}
      <span className={styles.online} role="img" aria-label={`${online} online`} title={`${online} online`}>
        {online}
      </span>
    </a>
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
        <span className={styles.name}>Invite people</span>
      </button>
      <Suspense fallback={null}>{open && <InviteDialog onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}

/** Faces that fit beside each other. */
const faces = 7;

function Online() {
  const rooms = useParley((state) => state.rooms);
  const connected = useParley((state) => state.status === 'connected');
  const { display, colour, byName } = useDirectory();
  const { names, count } = onlineEverywhere(rooms);
  const shown = names.slice(0, names.length > faces ? faces - 1 : faces);
  if (!connected || count === 0) {
    return null;
  }
  return (
    <section aria-label="People online">
      <div className={styles.section}>
        <h2>Online</h2>
        <span>{count}</span>
      </div>
      <ul className={styles.faces}>
        {shown.map((name) => (
          <li key={name} title={display(name)}>
            <Avatar id={colour(name)} name={display(name)} size={28} bot={byName.get(name)?.kind === 'bot'} />
            <span className={styles.hidden}>{display(name)}</span>
          </li>
        ))}
        {count > shown.length && (
          <li className={styles.more}>
            +{count - shown.length}
            <span className={styles.hidden}> more people online</span>
          </li>
        )}
      </ul>
    </section>
  );
}
