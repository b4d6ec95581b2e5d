import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useClient, useParley } from '../app/client';
import { messagePath, navigate, roomPath, routeOf, usePath } from '../app/router';
import { lastRoom } from '../app/session';
import { visited } from '../keyboard/recent';
import { usePeople } from '../people/live';
import { useThreadsInStep } from '../threads/threads';
import { preloadDialog } from '../ui/Dialog';
import { preloadMenu } from '../ui/Menu';
import { Banner } from './Banner';
import styles from './Chat.module.css';
import { Acting, preloadActs } from './changes/Acting';
import { moveActs } from './changes/doing';
import { preloadExtras } from './changes/Extras';
import { Composer } from './composer/Composer';
import { Header } from './Header';
import { NoRoom } from './NoRoom';
import { Overlay, preloadSwitcher, useOver } from './Overlay';
import { Panels, preloadPanels } from './Panels';
import { closePanel, movePanel, usePanel } from './panel';
import { Sidebar } from './Sidebar';
import { SkipLink } from './SkipLink';
import { Timeline, type TimelineHandle } from './Timeline';
import { useActs } from './useActs';
import { useMedia } from './useMedia';
import { useRoomNow, useVisit } from './useRoomNow';
import { movePlace } from './useScroll';

const Announcements = lazy(() => import('../people/Announcements').then((m) => ({ default: m.Announcements })));
const CatchUp = lazy(() => import('../threads/CatchUp').then((m) => ({ default: m.CatchUp })));

/** The chat: rooms, the room on screen, and who is there. room null: what is new everywhere, or the last room, else general. */
export function Chat({ room: asked, catchUp = false }: { room: string | null; catchUp?: boolean }) {
  const client = useClient();
  const room = useRoomNow(asked);
  const visit = useVisit(room);
  const known = useParley((state) => room !== null && state.rooms[room] !== undefined);
  const lost = useParley((state) => room !== null && !state.rooms[room] && state.removed?.room === room);
  const ready = useParley((state) => state.roomNames.length > 0);
  const [missing, setMissing] = useState<string | null>(null);
  const narrow = useMedia('(max-width: 767px)');
  const covering = useMedia('(max-width: 1080px)');
  const [drawer, setDrawer] = useState(false);
  const panel = usePanel();
  const over = useOver();
  const timeline = useRef<TimelineHandle>(null);
  const onGrow = useCallback(() => timeline.current?.hold(), []);
  const shutDrawer = useCallback(() => setDrawer(false), []);
  const announced = usePeople((state) => state.announcements.length > 0);
  useFirstRoom(room, catchUp);
  useRenamed(asked, room);
  useRecent(room);
  useVisibility();
  useThreadsInStep();
  useActs({ room, timeline, show: over.show, uncover: panel !== null && covering ? closePanel : null });

  useEffect(() => {
    preloadDialog();
    preloadMenu();
    preloadSwitcher();
    preloadPanels();
    preloadActs();
    preloadExtras();
  }, []);
  useEffect(() => {
    setDrawer(false);
    // A room that is in no list, such as an archived one, may still be there to be read. One that was lost or left is not
    // asked for: asking would be coming back.
    if (room === null || lost || (!known && !ready)) {
      return;
    }
    // What goes wrong stands in the room's loadError, or the room is not there any more.
    const asked = () => setMissing(room);
    client.open(room).then(asked, asked);
    return () => client.close();
  }, [client, room, known, lost, ready]);

  return (
    <div className={styles.app}>
      {!narrow && <SkipLink />}
      <Sidebar room={room} catchUp={catchUp} narrow={narrow} open={drawer} onClose={shutDrawer} onOver={over.show} />
      <main className={styles.room} inert={narrow && drawer}>
        {announced && (
          <Suspense fallback={null}>
            <Announcements />
          </Suspense>
        )}
        {room !== null && (known || !ready) ? (
          <>
            <Header room={room} narrow={narrow} onMenu={() => setDrawer(true)} />
            <Banner />
            {/* Not before useRenamed has moved what the timeline remembers of the room. */}
            {room === asked && <Timeline key={`timeline ${room}`} ref={timeline} name={room} />}
            <Composer key={`composer ${visit}`} room={room} onGrow={onGrow} />
          </>
        ) : catchUp ? (
          <Suspense fallback={null}>
            <CatchUp narrow={narrow} onMenu={() => setDrawer(true)} />
          </Suspense>
        ) : (
          <NoRoom
            name={lost || (ready && missing === room) ? room : null}
            narrow={narrow}
            onMenu={() => setDrawer(true)}
          />
        )}
      </main>
      {(catchUp || (room !== null && known)) && <Panels room={room ?? ''} inert={narrow && drawer} />}
      <Acting />
      <Overlay {...over} room={room} onGone={shutDrawer} />
    </div>
  );
}

/** An address with a name that the room had before becomes the one of now. */
function useRenamed(room: string | null, now: string | null) {
  const route = routeOf(usePath());
  const message = route.kind === 'chat' ? route.message : undefined;
  useLayoutEffect(() => {
    if (room !== null && now !== null && now !== room) {
      movePlace(room, now);
      moveActs(room, now);
      movePanel(room, now);
      navigate(message ? messagePath(now, message) : roomPath(now), { replace: true });
    }
  }, [room, now, message]);
}

/** Without a room in the address, goes to the last one, else general, else the first. */
function useFirstRoom(room: string | null, elsewhere: boolean) {
  const client = useClient();
  const names = useParley((state) => state.roomNames);
  useEffect(() => {
    if (elsewhere || room !== null || names.length === 0) {
      return;
    }
    const last = lastRoom.get();
    const { rooms } = client.getState();
    const first = names.find((name) => rooms[name]?.id === last) ?? (names.includes('general') ? 'general' : names[0]);
    if (first) {
      navigate(roomPath(first), { replace: true });
    }
  }, [client, room, elsewhere, names]);
}

/** Notes where one is, on this device, by the room's id: it may get another name. */
function useRecent(room: string | null) {
  const id = useParley((state) => (room === null ? undefined : state.rooms[room]?.id));
  const me = useParley((state) => state.me?.id);
  useEffect(() => {
    if (id !== undefined) {
      lastRoom.set(id);
      if (me !== undefined) {
        visited(me, id);
      }
    }
  }, [id, me]);
}

/** Tells the client when somebody looks at the page: only then rooms are marked read. */
function useVisibility() {
  const client = useClient();
  useEffect(() => {
    const tell = () => client.setVisible(document.visibilityState === 'visible' && document.hasFocus());
    tell();
    document.addEventListener('visibilitychange', tell);
    window.addEventListener('focus', tell);
    window.addEventListener('blur', tell);
    return () => {
      document.removeEventListener('visibilitychange', tell);
      window.removeEventListener('focus', tell);
      window.removeEventListener('blur', tell);
    };
  }, [client]);
}
