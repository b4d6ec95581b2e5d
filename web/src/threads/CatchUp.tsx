import { type RestMessage, rest } from '@parley-chat/client/rest';
import { Check, Hash, Inbox, MessageCircle, MessagesSquare } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useClient, useParley } from '../app/client';
import { linkTo, navigate, roomPath } from '../app/router';
import { heardBy, useNow } from '../chat/changes/now';
import { lately } from '../chat/days';
import { MenuButton } from '../chat/Header';
import { openThread } from '../chat/panel';
import { useTitle } from '../chat/rooms';
import { Kbd } from '../keyboard/Kbd';
import { threads as words } from '../text/threads';
import { Button, classes, Icon } from '../ui';
import styles from './CatchUp.module.css';
import { useCalm } from './pages';
import { inOrder, nextPlace, type Place, placesOf } from './places';
import { useThreads, useThreadsState } from './threads';

const text = words.catchUp;
/** So many of a place's new messages are listed: the first ones of those that are loaded. */
const most = 6;
const none = {};

/** What is new since one was here, place by place. One key marks a place as read and goes on to the next. */
export function CatchUp({ narrow, onMenu }: { narrow: boolean; onMenu: () => void }) {
  const places = usePlaces();
  const { current, setCurrent, cards, markRead, problem } = useCurrent(places);
  const move = (event: KeyboardEvent, step: 1 | -1) => {
    const at = places.findIndex((place) => place.key === current);
    const to = places[Math.min(Math.max(at + step, 0), places.length - 1)];
    event.preventDefault();
    if (to) {
      setCurrent(to.key);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, target } = event;
    const plain =
      !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.nativeEvent.isComposing;
    const on = (target as Element).closest('button, a, input, textarea');
    const place = places.find((each) => each.key === current);
    if (!plain || (target as Element).closest('input, textarea')) {
      return;
    }
    if (key === 'j' || key === 'ArrowDown') {
      move(event, 1);
    } else if (key === 'k' || key === 'ArrowUp') {
      move(event, -1);
    } else if (place && (key === 'e' || (key === 'Enter' && on === null))) {
      event.preventDefault();
      void markRead(place);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys work wherever the focus is in it
    <div className={styles.view} onKeyDown={onKeyDown}>
      <header className={styles.top}>
        {narrow && <MenuButton room={null} onMenu={onMenu} />}
        <h1>
          <Icon of={Inbox} size={16} />
          {text.title}
        </h1>
        <p className={styles.left} role="status">
          {places.length > 0 ? text.left(places.length) : text.done}
        </p>
      </header>
      <div className={styles.scroller}>
        {places.length === 0 ? (
          <Done />
        ) : (
          <>
            <p className={styles.keys} aria-hidden="true">
              <Kbd keys={{ key: 'e' }} mac={false} /> {text.hints.read} <Kbd keys={{ key: 'j' }} mac={false} />{' '}
              <Kbd keys={{ key: 'k' }} mac={false} /> {text.hints.move}
            </p>
            {problem && (
              <p className={styles.problem} role="alert">
                {text.notRead(problem)}
              </p>
            )}
            <ul aria-label={text.list} ref={cards}>
              {places.map((place) => (
                <li key={place.key}>
                  <Card
                    place={place}
                    current={place.key === current}
                    onCurrent={() => setCurrent(place.key, false)}
                    onRead={() => void markRead(place)}
                  />
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

/** The places with news; each keeps its place while one is here. */
function usePlaces(): Place[] {
  const rooms = useParley((state) => state.rooms);
  const roomNames = useParley((state) => state.roomNames);
  const unread = useThreadsState((state) => state.unread, none);
  const shown = useRef<readonly string[]>([]);
  const places = useMemo(
    () => inOrder(placesOf({ rooms, roomNames }, unread), shown.current),
    [rooms, roomNames, unread],
  );
  useEffect(() => {
    const keys = places.map((place) => place.key);
    shown.current = [...shown.current, ...keys.filter((key) => !shown.current.includes(key))];
  }, [places]);
  return places;
}

/** Which place one is at. It has the focus; when it is done, the next one gets it. */
function useCurrent(places: readonly Place[]) {
  const client = useClient();
  const threads = useThreads();
  const cards = useRef<HTMLUListElement>(null);
  const [wanted, setWanted] = useState<{ key: string; focus: boolean } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const order = useRef<readonly string[]>([]);
  const here = (key: string | undefined) => key !== undefined && places.some((place) => place.key === key);
  const current = here(wanted?.key) ? wanted?.key : places[0]?.key;
  useEffect(() => {
    order.current = places.map((place) => place.key);
  }, [places]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place itself is why the focus moves
  useEffect(() => {
    const card = cards.current?.querySelector<HTMLElement>('[aria-current]');
    if (card && (wanted?.focus !== false || isFocusLost())) {
      card.focus({ preventScroll: true });
      card.scrollIntoView({ block: 'nearest' });
    }
  }, [current]);
  const setCurrent = (key: string, focus = true) => setWanted({ key, focus });
  const markRead = async (place: Place) => {
    setProblem(null);
    const next = nextPlace(places, order.current, place.key);
    if (next !== null) {
      setCurrent(next);
    }
    if (place.thread === null) {
      client.seen(place.room);
      return;
    }
    try {
      const { messages } = await client.api.messages(place.room, { thread: place.thread });
      await threads?.read(place.room, place.thread, messages.at(-1)?.seq ?? 0);
    } catch (err) {
      setProblem(err instanceof Error ? err.message : String(err));
    }
  };
  return { current, setCurrent, cards, markRead, problem };
}

/** What names a thread. */
const beginningOf = ({ deleted, content }: RestMessage) => (deleted ? words.deleted : content.slice(0, 60));

interface CardProps {
  place: Place;
  current: boolean;
  onCurrent: () => void;
  onRead: () => void;
}

function Card({ place, current, onCurrent, onRead }: CardProps) {
  const { room, thread, unread, mentions } = place;
  const news = useNews(place);
  const title = useTitle(room);
  const direct = useParley((state) => state.rooms[room]?.kind === 'direct');
  const root = useNow(news?.root);
  const name = thread === null ? title : text.thread(root ? beginningOf(root) : title);
  const go = () => {
    navigate(roomPath(room));
    if (thread !== null) {
      openThread(room, thread);
    }
  };
  return (
    <section
      className={classes(styles.card, current && styles.current)}
      aria-label={text.what(name)}
      aria-current={current || undefined}
      tabIndex={current ? 0 : -1}
      onFocus={() => current || onCurrent()}
    >
      <header>
        <h2>
          <Icon of={thread !== null ? MessagesSquare : direct ? MessageCircle : Hash} size={16} />
          <span>{name}</span>
        </h2>
        <span className={styles.count}>{text.news(unread)}</span>
        {mentions > 0 && <span className={styles.badge}>{text.mentions(mentions)}</span>}
      </header>
      {news === null ? (
        <p className={styles.note}>{text.loading}</p>
      ) : news.error !== null ? (
        <p className={styles.note}>{words.listFailed(news.error)}</p>
      ) : (
        <News messages={news.messages} more={unread - Math.min(news.messages.length, most)} />
      )}
      <footer>
        <Button size="s" icon={Check} onClick={onRead}>
          {text.read}
        </Button>
        <Button size="s" variant="quiet" onClick={go}>
          {text.go}
        </Button>
      </footer>
    </section>
  );
}

function News({ messages, more }: { messages: readonly RestMessage[]; more: number }) {
  return (
    <>
      <ol>
        {messages.slice(0, most).map((message) => (
          <Line key={message.id} message={message} />
        ))}
      </ol>
      {more > 0 && <p className={styles.note}>{text.more(more)}</p>}
    </>
  );
}

function Line({ message: told }: { message: RestMessage }) {
  const message = useNow(told);
  const display = useParley((state) => state.people[message.user_id]?.display);
  const me = useParley((state) => state.me?.id ?? '');
  return (
    <li className={classes((message.mentions?.includes(me) || message.mentions_all) && styles.mentioned)}>
      <b>{display || message.user}</b>
      <time dateTime={message.timestamp}>{lately(Date.parse(message.timestamp))}</time>
      <span dir="auto">{message.deleted ? <i>{words.deleted}</i> : message.content}</span>
    </li>
  );
}

interface Loaded {
  messages: RestMessage[];
  /** What a thread is about. */
  root: RestMessage | null;
  error: string | null;
}

/** What is new in a place, the oldest first, as far as the newest page has it. */
function useNews({ room, thread, unread: now }: Place): Loaded | null {
  const client = useClient();
  const unread = useCalm(now);
  const [news, setNews] = useState<Loaded | null>(null);
  useEffect(() => {
    let here = true;
    heardBy(client);
    const load = async (): Promise<Loaded> => {
      const { me, rooms } = client.getState();
      const { messages } = await client.api.messages(room, thread === null ? { page: 1 } : { thread });
      const theirs = messages.filter((message) => message.user_id !== me?.id && !message.deleted);
      if (thread === null) {
        const from = rooms[room]?.readN ?? 0;
        return { messages: theirs.filter(({ n }) => (n ?? 0) > from), root: null, error: null };
      }
      const root = await rest(client).message(room, thread);
      return { messages: theirs.slice(-unread), root, error: null };
    };
    load().then(
      (loaded) => here && setNews(loaded),
      (err: Error) => here && setNews({ messages: [], root: null, error: err.message }),
    );
    return () => {
      here = false;
    };
  }, [client, room, thread, unread]);
  return news;
}

const isFocusLost = () => document.activeElement === null || document.activeElement === document.body;

/** Nothing is new any more. The focus was in the last place and went with it: it goes on to what says so. */
function Done() {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isFocusLost()) {
      title.current?.focus();
    }
  }, []);
  return (
    <div className={styles.done}>
      <span className={styles.tile}>
        <Icon of={Check} size={24} />
      </span>
      <h2 ref={title} tabIndex={-1}>
        {text.done}
      </h2>
      <p>{text.doneHint}</p>
      <a {...linkTo('/')}>{text.back}</a>
    </div>
  );
}
