/** What the core knows of a keeper: whoever keeps the client's state beyond the life of the page. See offline.ts. */
import type { Clock } from './heartbeat.ts';
import type { Cursor, Entry, Room, State } from './types.ts';

/** A message that waits to be sent, or was refused, as it is kept. */
export interface KeptSend {
  readonly clientId: string;
  readonly room: string;
  /** The room's id, by which it is found when it has another name; what an older version has kept has none. */
  readonly roomId?: string;
  readonly content: string;
  /** Left out: it quotes nothing. */
  readonly quote?: string;
  readonly time: number;
  readonly state: 'pending' | 'failed';
  readonly error: string | null;
  readonly code: string | null;
}

/** A room as it is kept: the end of its list, whole up to the cursor. What an older version has kept has no settings. */
export interface KeptRoom extends Partial<Pick<Room, 'role' | 'readOnly' | 'slowMode' | 'history' | 'people'>> {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly kind: 'public' | 'private' | 'direct';
  readonly archived: boolean;
  readonly cursor: Cursor;
  readonly entries: readonly (Entry & { seq: number })[];
  readonly hasOlder: boolean;
  readonly lastN: number;
  readonly readN: number;
  readonly readVersion: number;
  readonly serverReadN: number;
  /** What was read and perhaps not told yet. */
  readonly mark: number | null;
}

/** Where and when a message of this person was stored. */
export interface Settled {
  readonly room: string;
  readonly clientId: string;
  readonly id: string;
  readonly seq: number;
  readonly n: number;
  readonly html: string | null;
  readonly time: number;
}

export interface KeeperHost {
  readonly base: string;
  readonly clock: Clock;
  getState(): State;
  /** Makes the next state by a pure function, and does what the rooms named then need. */
  apply(change: (state: State) => State, rooms?: readonly string[]): void;
  /** What may be sent has changed. order: client_ids with their rooms, in the order in which they are to be sent. */
  pump(order?: readonly KeptSend[]): void;
  /** Another tab has signed out. */
  signedOut(): void;
}

export interface Keeper {
  /** Somebody is signed in. What belongs to somebody else is wiped, what is theirs comes back. */
  identify(userId: string): void;
  /** Called after each change of the state. */
  changed(): void;
  /** The connection has come or gone. */
  online(up: boolean): void;
  /** Whether this client is to send a pending message; another tab may be the one. */
  sends(clientId: string): boolean;
  /** Whether a pending message would still be there if the page went now. */
  saved(clientId: string): boolean;
  /** The session has ended: nothing is kept any more. told: the other tabs are to sign out as well. */
  wipe(told: boolean): Promise<void>;
}
