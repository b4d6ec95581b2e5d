import { device } from '../app/storage';

/** So many rooms are kept. */
const most = 20;

const keyOf = (me: string) => `recent.${me}`;

/** Ids of the rooms that a person was in on this device, latest first. */
export function recentRooms(me: string): string[] {
  try {
    const kept: unknown = JSON.parse(device.get(keyOf(me)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((name) => typeof name === 'string').slice(0, most) : [];
  } catch {
    return [];
  }
}

/** Notes that a person is in a room now. */
export function visited(me: string, room: string): void {
  const before = recentRooms(me);
  if (before[0] !== room) {
    device.set(keyOf(me), JSON.stringify([room, ...before.filter((name) => name !== room)].slice(0, most)));
  }
}

/** Forgets where somebody was: they sign out here. */
export function forgetRecent(me: string): void {
  device.remove(keyOf(me));
}
