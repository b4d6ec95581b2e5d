import { useState } from 'react';
import { useClient, useParley } from '../app/client';

/** What a room is called now: the address may still have a name that it had before. */
export function useRoomNow(asked: string | null): string | null {
  return useParley((state) => (asked === null || state.rooms[asked] ? asked : (state.renamed[asked] ?? asked)));
}

/** A number that changes when another room comes on screen, but not when the room gets another name. */
export function useVisit(room: string | null): number {
  const { rooms, renamed } = useClient().getState();
  const [visit, setVisit] = useState({ room, number: 0 });
  if (visit.room === room) {
    return visit.number;
  }
  const same = visit.room !== null && !rooms[visit.room] && renamed[visit.room] === room;
  const next = { room, number: same ? visit.number : visit.number + 1 };
  setVisit(next);
  return next.number;
}
