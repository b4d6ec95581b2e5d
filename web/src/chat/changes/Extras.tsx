import type { MessageEntry } from '@parley-chat/client';
import { lazy, Suspense } from 'react';
import { useApart } from '../sending';
import { editing, quoting } from './doing';

const loadReactions = () => import('./Reactions');
const loadQuote = () => import('./QuoteBlock');
const loadEditor = () => import('./Editor');
const loadReplies = () => import('../Replies');
const Replies = lazy(loadReplies);
const loadToolbar = () => import('../Toolbar').then((m) => ({ default: m.Toolbar }));
const Reactions = lazy(loadReactions);
const QuoteBlock = lazy(loadQuote);
const Editor = lazy(loadEditor);
const Toolbar = lazy(loadToolbar);
const Quoting = lazy(() => import('./Quoting'));

/** Fetches the code of what stands with few messages, so that it is there at once, also without a connection. */
export const preloadExtras = () => {
  for (const load of [loadToolbar, loadReactions, loadQuote, loadEditor, loadReplies]) {
    load().catch(() => {}); // it is tried again when it is needed
  }
};

interface ExtraProps {
  room: string;
  entry: MessageEntry;
}

/** What a message quotes. */
export const Above = ({ room, entry: { quote, deleted } }: ExtraProps) =>
  quote === null || deleted ? null : (
    <Suspense fallback={null}>
      <QuoteBlock room={room} id={quote} />
    </Suspense>
  );

/** What was put on a message. */
export const Below = ({ room, entry }: ExtraProps) =>
  entry.reactions.length === 0 ? null : (
    <Suspense fallback={null}>
      <Reactions room={room} entry={entry} />
    </Suspense>
  );

/** What was answered to a message. */
export const Answers = ({ room, entry }: ExtraProps) =>
  entry.replies === null ? null : (
    <Suspense fallback={null}>
      <Replies room={room} entry={entry} />
    </Suspense>
  );

/** Whether a message is being edited here; it is then drawn by Edited. */
export function useEdited(room: string, { id }: MessageEntry): boolean {
  const apart = useApart();
  return editing.use((now) => now !== null && now.id === id && now.room === room && now.apart === apart);
}

export const Edited = (props: ExtraProps) => (
  <Suspense fallback={null}>
    <Editor {...props} />
  </Suspense>
);

/** What can be done with a message. */
export const Actions = (props: ExtraProps) => (
  <Suspense fallback={null}>
    <Toolbar {...props} />
  </Suspense>
);

/** What is quoted in what is being written in a room. */
export function QuotingIn({ room }: { room: string }) {
  const id = quoting.use((now) => now[room]);
  return id === undefined ? null : (
    <Suspense fallback={null}>
      <Quoting room={room} id={id} />
    </Suspense>
  );
}
