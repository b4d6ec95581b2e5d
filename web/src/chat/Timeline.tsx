import type { Entry } from '@parley-chat/client';
import { ArrowDown } from 'lucide-react';
import {
  lazy,
  type Ref,
  Suspense,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useClient, useParley } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { timeline } from '../text/timeline';
import { Icon } from '../ui';
import { List, type ListHandle } from './List';
import { Failed, LoadingMore, Missing, Skeleton } from './Loading';
import { countAfter, isSameView, type Row, rowBuilder } from './rows';
import styles from './Timeline.module.css';
import { useJump, useTarget } from './useJump';
import { useReach } from './useReach';
import { forgetPlace } from './useScroll';

const News = lazy(() => import('./News').then((m) => ({ default: m.News })));

const none: never[] = [];

export interface TimelineHandle {
  /** To be called when what stands below has grown: keeps the end in sight if it was. */
  hold: () => void;
  /** Goes to the end; the focus stays where it is. */
  toEnd: () => void;
}

/** What has been said in a room. It is made anew for each room: give it the room's name as its key. */
export function Timeline({ name, ref }: { name: string; ref?: Ref<TimelineHandle> }) {
  const client = useClient();
  const { me, end, past, shown, hasOlder, lastN, loading, loadError, loaded } = useShown(name);
  const firstUnread = useFirstUnread(name, past?.entries[0]?.n ?? null);
  const [awayFrom, setAwayFrom] = useState<number | null>(null);
  const [ended, setEnded] = useState(false);
  const target = useTarget(name);
  const entered = useRef(false);
  const { seeking, lost } = useJump(name, target, loaded ? shown : null, entered.current);
  const reaching = useReach(name, entered.current || seeking || past !== null);
  const ready = loaded && !reaching && (!seeking || entered.current);
  const [build] = useState(rowBuilder);
  const rows = useMemo(
    () => (ready ? build(shown, { hasOlder, firstUnread }) : none),
    [ready, build, shown, hasOlder, firstUnread],
  );
  useEffect(() => {
    entered.current ||= rows.length > 0;
  }, [rows]);
  const view = useView(rows);
  const list = useRef<ListHandle>(null);
  const waiting = awayFrom === null ? 0 : countAfter(end, awayFrom, me);

  /** Goes to the end of the room, and away from the message that the address names. */
  const toEnd = () => {
    forgetPlace(name);
    setEnded(true);
    if (target !== null) {
      navigate(roomPath(name), { replace: true });
    }
    client.latest(name);
    list.current?.toEnd();
  };
  const latest = useRef(toEnd);
  useLayoutEffect(() => {
    latest.current = toEnd;
  });
  useImperativeHandle(ref, () => ({ hold: () => list.current?.hold(), toEnd: () => latest.current() }), []);

  const idle = loading === 'none' && loadError === null;
  return (
    <div className={styles.frame}>
      {(loading === 'older' || loading === 'newer') && ready && <LoadingMore newer={loading === 'newer'} />}
      <List
        key={view}
        ref={list}
        name={name}
        rows={rows}
        me={me}
        target={target}
        toLatest={ended}
        lastN={lastN}
        hasNewer={past !== null}
        onOlder={hasOlder && idle ? () => void client.loadOlder(name) : null}
        onNewer={past !== null && idle ? () => void client.loadNewer(name) : null}
        onAway={setAwayFrom}
        onEnd={toEnd}
      />
      <Suspense fallback={null}>
        <News name={name} />
      </Suspense>
      {!ready && (loadError === null ? <Skeleton /> : null)}
      {lost && <Missing {...lost} />}
      {loadError !== null && loading === 'none' && (
        <Failed
          more={ready && shown.length > 0}
          message={loadError}
          onRetry={() => {
            if (!ready || shown.length === 0) {
              client.open(name).catch(() => {});
            }
            void client.loadOlder(name);
            void client.loadNewer(name);
          }}
        />
      )}
      {awayFrom !== null && (
        <Jump
          waiting={waiting}
          onJump={() => {
            toEnd();
            list.current?.focus();
          }}
        />
      )}
    </div>
  );
}

function Jump({ waiting, onJump }: { waiting: number; onJump: () => void }) {
  return (
    <button
      type="button"
      className={styles.jump}
      onClick={onJump}
      aria-label={waiting > 0 ? timeline.jumpOver(waiting) : timeline.jump}
    >
      <Icon of={ArrowDown} size={16} />
      {timeline.jump}
      {waiting > 0 && <b>{timeline.many(waiting, 999)}</b>}
    </button>
  );
}

/** What is known of the room: its end, and the piece of its past that is shown instead, if there is one. */
function useShown(name: string) {
  const me = useParley((state) => state.me?.id);
  const end = useParley((state) => state.rooms[name]?.entries ?? none);
  const lastN = useParley((state) => state.rooms[name]?.lastN ?? 0);
  const past = useParley((state) => state.rooms[name]?.past ?? null);
  const shown: readonly Entry[] = past?.entries ?? end;
  const hasOlder = useParley((state) => (state.rooms[name]?.past ?? state.rooms[name])?.hasOlder ?? false);
  const loading = useParley((state) => state.rooms[name]?.loading ?? 'first');
  const loadError = useParley((state) => state.rooms[name]?.loadError ?? null);
  const loaded = useLoaded(name);
  return { me, end, past, shown, hasOlder, lastN, loading, loadError, loaded };
}

/** n of the message above which the line "New messages" stands; null: nowhere, or before what is shown. */
function useFirstUnread(name: string, from: number | null): number | null {
  const first = useParley((state) => (state.open === name ? (state.rooms[name]?.firstUnread ?? null) : null));
  return first !== null && from !== null && from > first ? null : first;
}

/** Whether the room's newest page is here. */
function useLoaded(name: string): boolean {
  return useParley((state) => {
    const room = state.rooms[name];
    return (
      room !== undefined &&
      state.open === name &&
      room.loading !== 'first' &&
      (room.entries.length > 0 || room.loadError === null)
    );
  });
}

/** A number for the part of the room that is shown: another one begins with each leap, so that the list is made anew. */
function useView(rows: readonly Row[]): number {
  const drawn = useRef({ rows, view: 0 });
  const { rows: was, view: before } = drawn.current;
  const view = isSameView(was, rows) ? before : before + 1;
  useLayoutEffect(() => {
    if (rows.length > 0) {
      drawn.current = { rows, view };
    }
  }, [rows, view]);
  return view;
}
