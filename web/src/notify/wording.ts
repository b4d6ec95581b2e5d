import type { State } from '@parley-chat/client';
import type { Heard } from '@parley-chat/client/heard';
import { tagOf } from '../chat/rooms';
import { notify as text } from '../text/notify';

/** So many characters of a message are shown. */
const most = 180;

/** A message in one line that is not too long. */
export function brief(content: string): string {
  const line = content.replace(/\s+/gu, ' ').trim();
  const characters = [...line];
  return characters.length > most
    ? `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
    : line || text.wordless;
}

/** What a notification says, as plain text: nothing of it is read as HTML. */
export interface Words {
  title: string;
  body: string;
}

/** Says of a room's messages, oldest first, what is worth saying. */
export function ofRoom(messages: readonly Heard[], state: State): Words {
  const last = messages.at(-1) as Heard;
  const who = state.people[last.userId]?.display || last.user;
  const room = state.rooms[last.room];
  const tag = tagOf(state, last.room);
  const alone = room?.kind === 'direct' && room.people.length === 1; // its name is who writes
  if (messages.length === 1) {
    return { title: alone ? who : text.from(who, tag), body: brief(last.content) };
  }
  return alone
    ? { title: text.direct(messages.length, who), body: brief(last.content) }
    : { title: text.several(messages.length, tag), body: text.last(who, brief(last.content)) };
}

/** Says what has come in while there was no connection, in several rooms. */
export function ofRooms(rooms: ReadonlyMap<string, readonly Heard[]>, state: State): Words {
  const all = [...rooms.values()].reduce((sum, messages) => sum + messages.length, 0);
  return { title: text.away(all, rooms.size), body: [...rooms.keys()].map((name) => tagOf(state, name)).join(', ') };
}
