import type { Client, MessageEntry } from '@parley-chat/client';
import { cell } from '../cell';

/** What somebody is about to do with a message, and the button that it began at: it gets the focus back. */
export interface Act {
  readonly kind: 'react' | 'menu' | 'remove' | 'report' | 'history';
  readonly room: string;
  readonly id: string;
  readonly from: HTMLButtonElement;
}

export const acting = cell<Act | null>(null);

/** Ends it. The focus is where it goes to, else on the button, before that could go. */
export function acted(to: HTMLElement | null = null): void {
  (to ?? acting.get()?.from)?.focus({ preventScroll: true });
  acting.set(null);
}

/** What is said for a while of an act that shows nothing else. */
export const told = cell<{ readonly text: string } | null>(null);

export const tell = (text: string): void => told.set({ text });

/** The message that is being edited, and the text so far: it outlives its row, which comes and goes while one scrolls. */
export interface Editing {
  readonly room: string;
  readonly id: string;
  /** It is edited in its thread: what began one may be shown in the room's list at the same time. */
  readonly apart: boolean;
  readonly text: string;
}

export const editing = cell<Editing | null>(null);

/** Begins to edit a message, or goes on with that in another place. */
export function edit(room: string, { id, content }: MessageEntry, apart = false): void {
  if (id !== null) {
    const now = editing.get();
    editing.set({ room, id, text: now?.id === id ? now.text : content, apart });
  }
}

/** Begins to edit the last message of mine that is shown; false if there is none. */
export function editLast(client: Client, room: string): boolean {
  const { rooms, me } = client.getState();
  const shown = rooms[room]?.past ?? rooms[room];
  for (const e of (shown?.entries ?? []).toReversed()) {
    if (e.kind === 'message' && e.userId === me?.id && e.state === 'sent' && !e.deleted) {
      edit(room, e);
      return true;
    }
  }
  return false;
}

/** By room: the id of the message that is quoted in what is being written there. Its text is nowhere but in the message. */
export const quoting = cell<Readonly<Record<string, string>>>({});

export function quote(room: string, id: string | null): void {
  const { [room]: _, ...rest } = quoting.get();
  quoting.set(id === null ? rest : { ...rest, [room]: id });
}

/** A room has another name: what is being edited and quoted there stays. */
export function moveActs(was: string, room: string): void {
  const [now, quoted] = [editing.get(), quoting.get()[was]];
  if (now?.room === was) {
    editing.set({ ...now, room });
  }
  if (quoted) {
    quote(was, null);
    quote(room, quoted);
  }
}
