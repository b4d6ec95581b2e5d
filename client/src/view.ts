/** What a part of a page shows of one room, for the bindings of frameworks. */
import { nameOf } from './names.ts';
import { past } from './past.ts';
import { presence } from './presence.ts';
import { ApiError } from './request.ts';
import type { Client, Entry, MessageEntry, Room, State, Status } from './types.ts';

export interface RoomView {
  readonly status: Status;
  /** Everything that is known of the room; null until the server has told of it. */
  readonly room: Room | null;
  /** What was said, oldest first; what is on its way or has failed stands at the end. */
  readonly messages: readonly MessageEntry[];
  /** The same with notices, such as who came and went. After a jump into the room's past it is that piece of it. */
  readonly entries: readonly Entry[];
  /** Names of those who type now, without me. */
  readonly typing: readonly string[];
  /** Names of those who are in the room now; empty in rooms of more than 100, where online tells how many. */
  readonly members: readonly string[];
  readonly online: number;
  readonly unread: number;
  readonly hasOlder: boolean;
  /** There is more between what is shown and the end of the room. */
  readonly hasNewer: boolean;
  readonly loading: boolean;
  /** What went wrong, to be shown: there is no such room, or it could not be loaded and is tried again. */
  readonly error: string | null;
}

export interface RoomActions {
  /** Says something, perhaps with a quote of the message with that id, and returns its client_id. Throws while room is null. */
  send(content: string, quote?: string): string;
  retry(clientId: string): void;
  discard(clientId: string): void;
  /** To be called on each input. */
  startTyping(): void;
  stopTyping(): void;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Goes to a message by its id; rejects with an ApiError if the room has none such. */
  jump(id: string): Promise<void>;
  /** Goes back to the end of the room. */
  latest(): void;
}

const none: readonly never[] = [];
const known = new WeakMap<readonly Entry[], readonly MessageEntry[]>();

/** messagesOf picks the messages of a list; the same list gives the same messages. */
function messagesOf(entries: readonly Entry[]): readonly MessageEntry[] {
  let messages = known.get(entries);
  if (!messages) {
    messages = entries.filter((e): e is MessageEntry => e.kind === 'message');
    known.set(entries, messages);
  }
  return messages;
}

/** viewOf is the view of a room. failed is why it could not be opened. */
export function viewOf(state: State, name: string, failed: unknown): RoomView {
  const room = state.rooms[nameOf(state, name)] ?? null;
  const shown = room?.past ?? room;
  const entries = shown?.entries ?? none;
  const missing = failed instanceof ApiError ? failed.message : failed === null ? null : String(failed);
  return {
    status: state.status,
    room,
    messages: messagesOf(entries),
    entries,
    typing: room?.typing ?? none,
    members: room?.users ?? none,
    online: room?.online ?? 0,
    unread: room?.unread ?? 0,
    hasOlder: shown?.hasOlder ?? false,
    hasNewer: !!room?.past,
    loading: room ? room.loading !== 'none' : missing === null,
    error: room ? room.loadError : missing,
  };
}

/** actionsOf binds what can be done in a room. */
export function actionsOf(client: Client, room: () => string): RoomActions {
  presence(client);
  past(client);
  return {
    send: (content, quote) => client.send(room(), content, quote),
    retry: (clientId) => client.retry(room(), clientId),
    discard: (clientId) => client.discard(room(), clientId),
    startTyping: () => client.typing(room()),
    stopTyping: () => client.stopTyping(room()),
    loadOlder: () => client.loadOlder(room()),
    loadNewer: () => client.loadNewer(room()),
    jump: (id) => client.jump(room(), id),
    latest: () => client.latest(room()),
  };
}
