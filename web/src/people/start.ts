import type { Client } from '@parley-chat/client';
import { people } from '@parley-chat/client/people';
import { piecesOf } from './highlight';
import { watchIdle } from './idle';
import { adopt } from './live';
import { own } from './own';
import { changesAt, isQuiet } from './quiet';

/** Knows people, and tells others what this person does; returns what ends it. */
export function start(client: Client): () => void {
  const known = people(client);
  adopt(known, { own, pieces: piecesOf });
  let idle = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const { preferences } = known.getState();
    const now = Date.now();
    known.setActivity(isQuiet(preferences, now) ? 'dnd' : idle ? 'away' : 'active');
    clearTimeout(timer);
    const next = changesAt(preferences, now);
    if (next !== null) {
      timer = setTimeout(look, Math.min(next - now, 60 * 60_000)); // a clock that is set is seen within an hour
    }
  };
  const unhear = known.subscribe(look);
  const unwatch = watchIdle((now) => {
    idle = now;
    look();
  });
  look();
  return () => {
    unhear();
    unwatch();
    clearTimeout(timer);
    adopt(null);
  };
}
