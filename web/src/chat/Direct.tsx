import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useParley } from '../app/client';
import { linkTo, roomPath } from '../app/router';
import { useStatus, useWhereabouts } from '../people/live';
import { saysOf } from '../people/says';
import { around } from '../text/around';
import { sidebar as texts } from '../text/sidebar';
import { classes, IconButton } from '../ui';
import { DraftMark } from './composer/DraftMark';
import { RoomIcon } from './RoomIcon';
import { isHere, useRoomNames, useTitle } from './rooms';
import styles from './Sidebar.module.css';
import { useRoomMenu } from './useRoomMenu';

const DirectDialog = lazy(() => import('../rooms/DirectDialog').then((m) => ({ default: m.DirectDialog })));

/** The conversations with one person or a few. */
export function Direct({ room, onGo }: { room: string | null; onGo: () => void }) {
  const { direct: shown } = useRoomNames();
  const guest = useParley((state) => state.me?.kind === 'guest');
  const [starting, setStarting] = useState(false);
  if (guest && shown.length === 0) {
    return null;
  }
  return (
    <nav aria-label={texts.direct}>
      <div className={styles.section}>
        <h2>{texts.direct}</h2>
        {!guest && <IconButton icon={Plus} size="s" label={texts.newDirect} onClick={() => setStarting(true)} />}
      </div>
      {shown.length === 0 ? (
        <button type="button" className={styles.line} onClick={() => setStarting(true)}>
          <span className={styles.name}>{texts.noDirect}</span>
        </button>
      ) : (
        <ul>
          {shown.map((name) => (
            <li key={name}>
              <DirectLink name={name} current={name === room} onGo={onGo} />
            </li>
          ))}
        </ul>
      )}
      <Suspense fallback={null}>{starting && <DirectDialog onClose={() => setStarting(false)} />}</Suspense>
    </nav>
  );
}

function DirectLink({ name, current, onGo }: { name: string; current: boolean; onGo: () => void }) {
  const title = useTitle(name);
  const muted = useParley((state) => state.rooms[name]?.muted ?? false);
  const unread = useParley((state) => state.rooms[name]?.unread ?? 0);
  const [one, more] = useParley((state) => state.rooms[name]?.people) ?? [];
  const here = useParley((state) => one !== undefined && !more && isHere(state, one.name));
  const other = one && !more ? one.id : '';
  const status = useStatus(other);
  const says = saysOf(useWhereabouts(other)?.state, status);
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
        aria-label={[around.room(title, unread, 0, muted, drafted), says || (here && texts.online)]
          .filter(Boolean)
          .join(', ')}
        data-unread={loud || undefined}
      >
        <RoomIcon name={name} />
        <span className={styles.name}>
          {title} {status?.emoji}
        </span>
        {!current && <DraftMark room={name} />}
        {loud && <span className={classes(styles.badge, styles.forMe)}>{around.many(unread)}</span>}
      </a>
      {menu.popup}
    </>
  );
}
