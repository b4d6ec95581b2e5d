import type { Room, Sync } from './types.ts';

/** withSync is a room that stands otherwise with the server. */
export const withSync = (room: Room, change: Partial<Sync>): Room => ({ ...room, sync: { ...room.sync, ...change } });
