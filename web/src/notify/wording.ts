import type { State } from '@parley-chat/client';
import type { Heard } from '@parley-chat/client/heard';
import { notify as text } from '../text/notify';

/** So many characters of a message are shown. */
const most = 180;

/** Whether a text has @name in it as a word of its own. */
export function mentions(content: string, name: string): boolean {
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_@.-])@${plain}(?![\\p{L}\\p{N}_-])`, 'iu').test(content);
}

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
  return messages.length === 1
    ? { title: text.from(who, last.room), body: brief(last.content) }
    : { title: text.several(messages.length, last.room), body: text.last(who, brief(last.content)) };
}

/** Says what has come in while there was no connection, in several rooms. */
export function ofRooms(rooms: ReadonlyMap<string, readonly Heard[]>): Words {
  const all = [...rooms.values()].reduce((sum, messages) => sum + messages.length, 0);
  return { title: text.away(all, rooms.size), body: [...rooms.keys()].map((name) => `#${name}`).join(', ') };
}
