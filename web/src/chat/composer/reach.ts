import type { State } from '@parley-chat/client';

/** From so many people on one is asked before all of them are told of a message. */
export const many = 20;

const signs = /(?<![\p{L}\p{N}_@.-])@(here|room)(?![\p{L}\p{N}_-])/iu;
const code = /(`+)[^`][\s\S]*?\1/gu;

/** Whom a text names at once, and how many others that are, as far as one can tell; null: nobody. The server decides itself. */
export function reachOf(
  text: string,
  { rooms, people }: Pick<State, 'rooms' | 'people'>,
  name: string,
): { sign: string; count: number } | null {
  const sign = signs.exec(text.replace(code, ''))?.[1]?.toLowerCase();
  const room = rooms[name];
  if (sign === undefined || room === undefined || room.kind === 'direct') {
    return null;
  }
  const accounts = Object.values(people).filter((one) => one.kind !== null && one.kind !== 'guest' && !one.disabled);
  const all = sign === 'room' && room.kind === 'public' ? Math.max(accounts.length, room.online) : room.online;
  return { sign: `@${sign}`, count: all - 1 };
}
