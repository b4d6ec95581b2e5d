import type { Thread } from '@parley-chat/client/threads';
import { Bell, BellOff } from 'lucide-react';
import {
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useClient, useParley } from '../app/client';
import { Composer } from '../chat/composer/Composer';
import { RowView } from '../chat/RowView';
import { useTitle } from '../chat/rooms';
import { buildRows, type EntryRow, type Row } from '../chat/rows';
import { Sending } from '../chat/sending';
import { useFocus } from '../chat/useFocus';
import { useToday } from '../chat/useNow';
import { common } from '../text/common';
import { threads as words } from '../text/threads';
import { Button, IconButton } from '../ui';
import { Panel } from './Panel';
import { Said } from './Said';
import styles from './Thread.module.css';
import { loadThreads, useThreads, useThreadsState } from './threads';

/** So near to its end, in px, a list is at its end. */
const near = 40;

/** A message with the replies to it, and where one replies. */
export function ThreadPanel({ room, root, inert }: { room: string; root: string; inert: boolean }) {
  const client = useClient();
  const title = useTitle(room);
  const threads = useThreads();
  const thread = useThreadsState((state) => state.threads[root], undefined);
  const [missing, setMissing] = useState(false);
  const load = useCallback(
    (here: () => boolean) => {
      loadThreads(client)
        .then((all) => (here() ? all.open(room, root) : undefined))
        .catch(() => here() && setMissing(true)); // its code did not come
    },
    [client, room, root],
  );
  useEffect(() => {
    let here = true;
    load(() => here);
    return () => {
      here = false;
      threads?.close();
    };
  }, [load, threads]);
  const sending = useMemo(
    () => ({
      retry: (clientId: string) => threads?.retry(root, clientId),
      discard: (clientId: string) => threads?.discard(root, clientId),
    }),
    [threads, root],
  );
  const list = useRef<RepliesHandle>(null);
  const onGrow = useCallback(() => list.current?.hold(), []);
  const error = thread?.error ?? null;
  return (
    <Panel
      label={words.threadIn(title)}
      title={words.thread}
      more={words.inRoom(title)}
      inert={inert}
      acts={thread?.sync.loaded && <Follow thread={thread} />}
    >
      <Sending value={sending}>
        {thread?.root ? (
          <Replies ref={list} thread={thread} />
        ) : (
          <div className={styles.scroller}>
            {error === null && !missing ? (
              <p className={styles.note}>{words.loading}</p>
            ) : (
              <div className={styles.note} role="alert">
                <p>{words.failed(error ?? '')}</p>
                <Button size="s" onClick={() => load(() => true)}>
                  {common.tryAgain}
                </Button>
              </div>
            )}
          </div>
        )}
      </Sending>
      {threads && thread && (
        <Composer
          key={root}
          room={room}
          thread={{ root, send: (text) => void threads.send(root, text) }}
          onGrow={onGrow}
        />
      )}
    </Panel>
  );
}

function Follow({ thread }: { thread: Thread }) {
  const threads = useThreads();
  const [problem, setProblem] = useState<string | null>(null);
  const { following } = thread;
  const follow = () => {
    setProblem(null);
    threads
      ?.follow(thread.room, thread.id, !following)
      .catch((err: Error) => setProblem(words.notFollowed(err.message)));
  };
  return (
    <>
      {problem && (
        <span role="alert" className={styles.problem}>
          {problem}
        </span>
      )}
      <IconButton
        icon={following ? Bell : BellOff}
        label={following ? words.unfollow : words.follow}
        aria-pressed={following}
        onClick={follow}
      />
    </>
  );
}

interface RepliesHandle {
  /** Keeps the end in sight if it was. */
  hold: () => void;
}

/** The root and its replies, in one list that scrolls. */
function Replies({ thread, ref }: { thread: Thread; ref: Ref<RepliesHandle> }) {
  const threads = useThreads();
  const today = useToday();
  const { rows, top } = useRows(thread);
  const all = useMemo(() => (top ? [top, ...rows] : rows), [top, rows]);
  const focus = useFocus(all, useRef(null));
  const scroller = useEnd(thread, ref);
  const row = (each: EntryRow): ReactNode => (
    <RowView
      key={each.key}
      row={each}
      room={thread.room}
      today={today}
      stop={each.key === focus.stop}
      active={each.key === focus.hover || each.key === focus.key}
      target={false}
    />
  );
  return (
    <>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        // What is new is read out by Said.
        aria-live="off"
        aria-label={words.repliesLog}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <div ref={focus.column} className={styles.column} {...focus.handlers}>
          {top && row(top)}
          <p className={styles.count}>
            <span>{rows.length > 0 ? words.replies(thread.root?.replies?.count ?? rows.length) : words.noReplies}</span>
          </p>
          {thread.hasOlder && (
            <Button
              size="s"
              variant="quiet"
              busy={thread.loading === 'older'}
              onClick={() => void threads?.loadOlder(thread.id)}
            >
              {words.olderReplies}
            </Button>
          )}
          {rows.map(row)}
        </div>
      </div>
      <Said label={words.newReplies} entries={thread.replies} />
    </>
  );
}

/** The rows of a thread, the line "New messages" among them. */
function useRows({ root, replies, firstUnread }: Thread): { rows: EntryRow[]; top: EntryRow | null } {
  const rows = useMemo(() => {
    const from = firstUnread === null ? -1 : replies.findIndex((reply) => (reply.seq ?? 0) >= firstUnread);
    return buildRows(replies, { hasOlder: true, firstUnread: null })
      .filter((row: Row): row is EntryRow => row.kind === 'entry')
      .map((row, at) => (at === from ? { ...row, unread: true, grouped: false } : row));
  }, [replies, firstUnread]);
  const top = useMemo(
    () =>
      root &&
      ({
        kind: 'entry',
        key: root.key,
        entry: { ...root, replies: null }, // they stand below
        newDay: false,
        unread: false,
        grouped: false,
      } as EntryRow),
    [root],
  );
  return { rows, top };
}

/** Where a list stood when it was drawn last. */
interface Place {
  id: string;
  line: number | null;
  first: string | undefined;
  height: number;
  atEnd: boolean;
}

/** Where the list stands: at its beginning or its line when it opens, then at its end for as long as one is there. */
function useEnd(thread: Thread, ref: Ref<RepliesHandle>) {
  const scroller = useRef<HTMLDivElement>(null);
  const was = useRef<Place | null>(null);
  const me = useParley((state) => state.me?.id);
  const { id, replies, firstUnread } = thread;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) {
      return;
    }
    const before = was.current;
    const last = replies.at(-1);
    const line = before?.line !== firstUnread ? box.querySelector('[data-line]') : null;
    if (line) {
      line.scrollIntoView({ block: 'center' });
    } else if (before?.id !== id) {
      box.scrollTop = box.scrollHeight;
    } else if (before.first !== replies[0]?.key && !before.atEnd) {
      box.scrollTop += box.scrollHeight - before.height; // earlier ones have come
    } else if (before.atEnd || (last?.state === 'pending' && last.userId === me)) {
      box.scrollTop = box.scrollHeight;
    }
    was.current = { id, line: firstUnread, first: replies[0]?.key, height: box.scrollHeight, atEnd: isAtEnd(box) };
  }, [id, replies, firstUnread, me]);
  useEffect(() => {
    const box = scroller.current;
    const look = () => {
      if (box && was.current) {
        was.current.atEnd = isAtEnd(box);
      }
    };
    box?.addEventListener('scroll', look, { passive: true });
    return () => box?.removeEventListener('scroll', look);
  }, []);
  const hold = useCallback(() => {
    const box = scroller.current;
    if (box && was.current?.atEnd) {
      box.scrollTop = box.scrollHeight;
    }
  }, []);
  useImperativeHandle(ref, () => ({ hold }), [hold]);
  return scroller;
}

const isAtEnd = (box: HTMLElement) => box.scrollHeight - box.scrollTop - box.clientHeight < near;
