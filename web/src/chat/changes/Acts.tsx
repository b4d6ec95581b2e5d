import { Popover } from '@base-ui/react/popover';
import type { MessageEntry, State } from '@parley-chat/client';
import { markUnread } from '@parley-chat/client/levels';
import {
  Bookmark,
  BookmarkX,
  Copy,
  Flag,
  History,
  Link,
  MailOpen,
  MessageCircle,
  Pin,
  PinOff,
  Quote,
  Trash2,
} from 'lucide-react';
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from 'react';
import { useApi } from '../../app/api';
import { useClient, useParley } from '../../app/client';
import { href, messagePath } from '../../app/router';
import { textOf } from '../../entry/problem';
import { openDirect } from '../../rooms/direct';
import { Confirm } from '../../settings/Confirm';
import { changes } from '../../text/changes';
import { common } from '../../text/common';
import { composer } from '../../text/composer';
import { rooms } from '../../text/rooms';
import { timeline } from '../../text/timeline';
import { useReply } from '../../threads/threads';
import { Field } from '../../ui/Field';
import type { MenuEntry } from '../../ui/Menu';
import MenuPopup from '../../ui/MenuPopup';
import { useLater } from '../composer/useLater';
import { copyText } from '../copy';
import styles from './Acts.module.css';
import { type Act, acted, acting, quote, tell } from './doing';
import { Edits } from './Edits';
import { find } from './find';
import { mayPin, mayRemove, mayReport, maySeeEdits } from './may';

const ReportDialog = lazy(() => import('../../people/ReportDialog').then((m) => ({ default: m.ReportDialog })));

interface PartProps {
  act: Act;
  entry: MessageEntry;
  /** What the focus goes back to. */
  anchor: RefObject<HTMLElement | null>;
}

/** One act with a message. */
export default function Acts({ act }: { act: Act }) {
  const shown = useParley((state) => find(state, act.room, act.id));
  const reply = useReply(act.id);
  const entry = shown ?? reply;
  const anchor = useRef<HTMLElement | null>(act.from);
  const lost = !entry || (entry.deleted && act.kind === 'history'); // what it said before is gone with it
  useEffect(() => {
    if (lost) {
      acted();
    }
  }, [lost]);
  if (!entry || lost) {
    return null;
  }
  const shared = { act, entry, anchor };
  switch (act.kind) {
    case 'menu':
      return <More {...shared} />;
    case 'react':
      return <Reacting {...shared} />;
    case 'remove':
      return <Remove {...shared} />;
    case 'report':
      return (
        <Suspense fallback={null}>
          <ReportDialog room={act.room} id={act.id} onClose={acted} finalFocus={() => act.from} />
        </Suspense>
      );
    case 'history':
      return <Edits room={act.room} id={act.id} onClose={acted} finalFocus={() => act.from} />;
  }
}

/** Whether I may begin a conversation with the author, and am not in one with them alone already. */
function mayWriteTo(state: State, name: string, entry: MessageEntry): boolean {
  const room = state.rooms[name];
  const alone = room?.kind === 'direct' && room.people.length === 1;
  const { kind = null, disabled = true } = state.people[entry.userId] ?? {};
  return (
    !alone &&
    entry.userId !== state.me?.id &&
    state.me?.kind !== 'guest' &&
    kind !== null &&
    kind !== 'guest' &&
    !disabled
  );
}

function More({ act, entry, anchor }: PartProps) {
  const client = useClient();
  const api = useApi();
  const { room, id } = act;
  const state = client.getState();
  const copy = async (text: string, well: string) => tell((await copyText(text)) ? well : timeline.notCopied);
  const ask = (asked: Promise<unknown>) => asked.catch((err: unknown) => tell(changes.refused(textOf(err))));
  const next = (kind: Act['kind']) => () => acting.set({ ...act, kind });
  const entries: (MenuEntry | false)[] = [
    !entry.deleted &&
      entry.thread === null && {
        kind: 'do',
        label: changes.quote,
        icon: Quote,
        onSelect: () => {
          anchor.current = document.querySelector<HTMLElement>('[data-composer]');
          quote(room, id);
        },
      },
    !entry.deleted && {
      kind: 'do',
      label: timeline.copyText,
      icon: Copy,
      onSelect: () => void copy(entry.content, timeline.textCopied),
    },
    {
      kind: 'do',
      label: timeline.copyLink,
      icon: Link,
      onSelect: () => void copy(new URL(href(messagePath(room, id)), location.href).href, timeline.linkCopied),
    },
    !entry.deleted &&
      mayPin(state, room) && {
        kind: 'do',
        label: entry.pinned ? changes.unpin : changes.pin,
        icon: entry.pinned ? PinOff : Pin,
        onSelect: () => void ask(entry.pinned ? api.unpin(room, id) : api.pin(room, id)),
      },
    !entry.deleted && {
      kind: 'do',
      label: entry.saved ? changes.unsave : changes.save,
      icon: entry.saved ? BookmarkX : Bookmark,
      onSelect: () => void ask(api.save(room, id, !entry.saved)),
    },
    entry.n !== null && {
      kind: 'do',
      label: changes.markUnread,
      icon: MailOpen,
      onSelect: () => void ask(markUnread(client, room, entry.n ?? 0)),
    },
    maySeeEdits(state, room, entry) && {
      kind: 'do',
      label: changes.history,
      icon: History,
      onSelect: next('history'),
    },
    mayWriteTo(state, room, entry) && {
      kind: 'do',
      label: rooms.message(state.people[entry.userId]?.display || entry.user),
      icon: MessageCircle,
      onSelect: () => void ask(openDirect(client, [entry.userId])),
    },
    (mayReport(state, entry) || mayRemove(state, room, entry)) && { kind: 'line' },
    mayReport(state, entry) && { kind: 'do', label: changes.report, icon: Flag, onSelect: next('report') },
    mayRemove(state, room, entry) && { kind: 'do', label: changes.remove, icon: Trash2, onSelect: next('remove') },
  ];
  return (
    <MenuPopup
      open
      label={changes.more}
      anchor={anchor}
      entries={entries.filter((one) => one !== false)}
      // An entry may have begun another act.
      onClose={() => acting.get() === act && acted(anchor.current)}
    />
  );
}

const loadPicker = () => import('../composer/EmojiPicker').then((m) => m.EmojiPicker);

function Reacting({ act, anchor }: PartProps) {
  const api = useApi();
  const EmojiPicker = useLater(loadPicker, true);
  useEffect(() => {
    if (EmojiPicker === null) {
      acted();
      tell(composer.picker.failed);
    }
  }, [EmojiPicker]);
  const pick = (emoji: string) => {
    acted();
    api.react(act.room, act.id, emoji).catch((err: unknown) => tell(changes.refused(textOf(err))));
  };
  if (!EmojiPicker) {
    return null;
  }
  return (
    <Popover.Root open>
      <Popover.Portal>
        <Popover.Positioner className={styles.above} anchor={anchor} side="top" align="end" sideOffset={8}>
          <Popover.Popup className={styles.picker} initialFocus={false} finalFocus={false}>
            <EmojiPicker button={anchor} onPick={pick} onClose={acted} inside />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Remove({ act, entry }: PartProps) {
  const api = useApi();
  const mine = useParley((state) => state.me?.id === entry.userId);
  const [why, setWhy] = useState('');
  return (
    <Confirm
      title={changes.sure}
      action={common.delete}
      onConfirm={() => api.remove(act.room, act.id, why.trim() || undefined)}
      onClose={acted}
      finalFocus={() => act.from}
      extra={
        mine ? null : (
          <Field label={changes.why} value={why} onChange={(event) => setWhy(event.target.value)} maxLength={200} />
        )
      }
    >
      {changes.sureWhat} {mine ? null : changes.sureWhose(entry.user)}
    </Confirm>
  );
}
