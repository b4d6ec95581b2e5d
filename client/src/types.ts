/** The types that a page works with: what the client shows (State) and what it can be asked to do (Client). */
import type { Api, Learned, RestPerson, SignedIn } from './api.ts';
import type { Clock } from './heartbeat.ts';
import type { Keeper, KeeperHost } from './keep.ts';
import type { ClientFrame, ServerFrame } from './protocol.ts';

export type Status = 'connecting' | 'connected' | 'disconnected' | 'signed_out';
export type UserKind = 'member' | 'guest' | 'bot';
export type Role = 'owner' | 'moderator' | 'member' | 'guest';

/** Whoever is signed in. Role and the names are those of the last answer of the server. */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly display: string;
  readonly kind: UserKind;
  /** null until GET /api/me has been answered. */
  readonly role: Role | null;
  readonly email: string | null;
  /** As a Person's. */
  readonly avatar: string | null;
}

/** Somebody whom the client has heard of: from the list of accounts, or because they spoke or came in. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly display: string;
  /** null for somebody who is known by a frame alone. */
  readonly kind: UserKind | null;
  readonly role: Role | null;
  readonly disabled: boolean;
  /** Where their picture is, relative to the base; null: they have none. */
  readonly avatar: string | null;
}

export interface Workspace {
  readonly name: string;
  readonly hue: number;
  readonly setUp: boolean;
  readonly registration: 'invite' | 'open' | 'closed';
  readonly guests: boolean;
}

/** A person who did something to a message, or is in a direct room, by the name that they had. */
export interface By {
  readonly id: string;
  readonly name: string;
}

/** One emoji on a message, and who has put it there. */
export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** Number in the room's sequence of the oldest that still stands; the reactions of a message are in this order. */
  readonly first: number;
  /** At most 20, in the order of time. */
  readonly users: readonly By[];
  /** Whether mine is among them. */
  readonly me: boolean;
}

/** What was answered to a message in its thread. */
export interface Replies {
  readonly count: number;
  readonly last_seq: number;
  /** When the last one was said, as the protocol writes it. */
  readonly last: string;
  /** Who said something there, the latest first; at most 3. */
  readonly users: readonly By[];
}

export interface MessageEntry {
  readonly kind: 'message';
  /** Stays the same while a pending message becomes a sent one. */
  readonly key: string;
  /** null, like seq and n, until the server has stored it. */
  readonly id: string | null;
  readonly seq: number | null;
  readonly n: number | null;
  readonly user: string;
  readonly userId: string;
  readonly content: string;
  /**
   * The content as Markdown, rendered by the server; of the elements that the protocol lists. null where the content is plain, and until
   * the server has stored it.
   */
  readonly html: string | null;
  /** Milliseconds since 1970; of a pending message by this device's clock. */
  readonly time: number;
  /** '' where the author gave none. */
  readonly clientId: string;
  readonly state: 'sent' | 'pending' | 'failed';
  /** Why it failed, to be shown. */
  readonly error: string | null;
  /** The kind of failure, one of the protocol's codes. */
  readonly code: string | null;
  /** Its author or a moderator took it back; content is ''. */
  readonly deleted: boolean;
  /** When it was last edited, as time; null: it never was. */
  readonly edited: number | null;
  /** Id of the message that it answers in a thread; null for all that stands in a room's list. */
  readonly thread: string | null;
  /** Id of a message of the same room that it quotes. */
  readonly quote: string | null;
  /** User ids of those whom it names. */
  readonly mentions: readonly string[];
  /** It names everybody in the room, or those who are there. */
  readonly mentionsAll: 'room' | 'here' | null;
  readonly reactions: readonly Reaction[];
  readonly pinned: boolean;
  /** Kept for later, by me. */
  readonly saved: boolean;
  /** null: it has no replies. */
  readonly replies: Replies | null;
}

export type NoticeKind =
  | 'join'
  | 'leave'
  | 'topic'
  | 'member_added'
  | 'member_removed'
  | 'member_banned'
  | 'member_left'
  | 'role'
  | 'renamed'
  | 'read_only'
  | 'writable'
  | 'slow_mode'
  | 'settings'
  | 'archived'
  | 'unarchived';

export interface NoticeEntry {
  readonly kind: 'notice';
  readonly key: string;
  readonly notice: NoticeKind;
  /** Whom it is about; where it is about the room: who did it. */
  readonly users: readonly string[];
  /** Who did it to them; null where that is nobody else. */
  readonly by: string | null;
  /** The new topic, name or role, the seconds of slow mode, or the reason given for a removal; else null. */
  readonly text: string | null;
  readonly time: number;
  /** null for join and leave, which have no place in the room's sequence. */
  readonly seq: number | null;
}

export type Entry = MessageEntry | NoticeEntry;

/** A position in a room's sequence: the last entry that this client has. id is null where it is not known. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
  readonly id: string | null;
}

/** How a room stands with the server. Not for pages; it may change between versions. */
export interface Sync {
  readonly cursor: Cursor | null;
  /** The epoch in which lastN and the read cursor were told; '' before that. */
  readonly epoch: string;
  /**
   * off: not asked on this connection. asked: subscribe was sent. live: the stream runs. gap: an entry is missing, subscribe again.
   * removed: this person was taken out; subscribing again tells whether they are back. refused: the server said no.
   */
  readonly stream: 'off' | 'asked' | 'live' | 'gap' | 'removed' | 'refused';
  /** The stream has just begun: a skip may then stand for many entries at once. Later it follows the one before, as all entries do. */
  readonly begun: boolean;
  /** The room's last number when the connection began: below it the past is being replayed. */
  readonly head: number;
  /** Whether entries are kept: from the moment the first page was asked for. */
  readonly loaded: boolean;
  /** Whether the newest page has been taken in since; what is kept then hangs together. */
  readonly paged: boolean;
  /** The newest page must be read again, without forgetting what is there. */
  readonly refill: boolean;
  /** All entries above this number are in the list, but for those that a page on its way has. */
  readonly keptFrom: number;
  /** Where this person's cursor stands on the server. */
  readonly serverReadN: number;
  /** What was read here and not yet confirmed; null: nothing. */
  readonly mark: number | null;
  /** It was marked unread, and stays so, though it is on screen, until it is opened anew or something is said here. */
  readonly stays: boolean;
  readonly typing: readonly { readonly user: string; readonly userId: string; readonly until: number }[];
  /** Number of the last change of what the room is that was heard, or the room's at welcome; what was read before it knows less. */
  readonly told: number;
  /** The last changes of messages that were heard, for pages that were read before them and come later. */
  readonly changes: readonly {
    readonly seq: number;
    readonly id: string;
    readonly change: (m: MessageEntry) => MessageEntry;
  }[];
  /** Number of the next key of a notice. */
  readonly nextKey: number;
}

/** A piece of a room's past, in place of its end: whole, no message is missing between its first and its last. */
export interface Past {
  readonly epoch: string;
  readonly entries: readonly MessageEntry[];
  readonly hasOlder: boolean;
}

/** What this person is in a room; '' in a public one of which they are no member. */
export type RoomRole = Role | '';

/** That this person was taken out of a room, or left it. */
export interface Removed {
  readonly room: string;
  readonly kind: Room['kind'];
  /** Who did it; '' where that is not known. */
  readonly by: string;
  readonly reason: string;
  readonly banned: boolean;
  /** They left by themselves. */
  readonly left: boolean;
}

export interface Room {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly kind: 'public' | 'private' | 'direct';
  readonly role: RoomRole;
  /** Only moderators post; all may answer in threads. */
  readonly readOnly: boolean;
  /** Seconds between two messages of a person who is no moderator; 0: none. */
  readonly slowMode: number;
  /** What new members of a private room see of it: all, or what comes after their joining. */
  readonly history: 'all' | 'joined';
  /** Who is in a direct room, without this person; empty in every other. */
  readonly people: readonly By[];
  readonly archived: boolean;
  readonly unread: number;
  /** Unread messages that name this person. */
  readonly mentions: number;
  /** Of what this person wants to be told; '': as in all rooms, which is of mentions, and in direct rooms of everything. */
  readonly notify: '' | 'all' | 'mentions' | 'nothing';
  /** It is to stay quiet whatever is said in it. */
  readonly muted: boolean;
  readonly readN: number;
  readonly readVersion: number;
  /** How many people are in the room now; this, users and typing are kept by ./presence. */
  readonly online: number;
  /** Who is in the room now, by name; empty in rooms of more than 100. */
  readonly users: readonly string[];
  /** Names of those who type now, without me. */
  readonly typing: readonly string[];
  /** The end of the room, oldest first: what is stored, in the room's order, whole, then what is pending or failed. */
  readonly entries: readonly Entry[];
  readonly hasOlder: boolean;
  /** What jump went to, to be shown in place of entries, which go on behind it; null once both meet, and at the end. */
  readonly past: Past | null;
  readonly loading: 'none' | 'first' | 'older' | 'newer';
  readonly loadError: string | null;
  /** n of the first unread message when the room was opened; null: nothing was unread. */
  readonly firstUnread: number | null;
  readonly lastN: number;
  readonly sync: Sync;
}

export interface Ended {
  /** A close code of the protocol (4002), or 401. */
  readonly code: number;
  readonly reason: string;
}

export interface State {
  readonly status: Status;
  /** When the next attempt to connect is made, in milliseconds since 1970; null while none is planned. */
  readonly retryAt: number | null;
  /** Why the session ended, if it was not by signing out here. */
  readonly ended: Ended | null;
  readonly me: Me | null;
  readonly workspace: Workspace | null;
  readonly rooms: Readonly<Record<string, Room>>;
  /** What rooms were called before, by the old name, as far as it is known here; room names of this client's methods may be old ones. */
  readonly renamed: Readonly<Record<string, string>>;
  /** The last room that this person lost while they were connected. */
  readonly removed: Removed | null;
  /** Sorted; without archived rooms. */
  readonly roomNames: readonly string[];
  /** The room on screen. */
  readonly open: string | null;
  /** Whether the page is visible and has the focus. */
  readonly visible: boolean;
  /** By user id. */
  readonly people: Readonly<Record<string, Person>>;
  /** Ids of those whom this person has blocked: what they say names nobody. Left out until ./people knows. */
  readonly blocked?: ReadonlySet<string>;
  /** What is being written, by room. */
  readonly drafts: Readonly<Record<string, string>>;
}

export type Timer = ReturnType<typeof globalThis.setTimeout>;

export interface ClientOptions {
  /** URL of the server with its sub-path and a slash at the end, such as document.baseURI or "https://host/chat/". */
  base: string;
  /** Returns a token that is good now; asked again before it ends. Left out: the session cookie. */
  token?: () => Promise<string>;
  /** Keeps what waits to be sent, the last messages and drafts over a reload, and shares them between tabs: offline() of ./offline. */
  offline?: (host: KeeperHost) => Keeper;
  WebSocket?: new (url: string, protocols: string[]) => WebSocket;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  random?: () => number;
  setTimeout?: (run: () => void, ms: number) => Timer;
  clearTimeout?: (timer: Timer) => void;
}

/** What the package's other entries, such as ./rest and ./hold, need of a client. Not for pages; it may change between versions. */
export interface Link {
  readonly clock: Clock;
  readonly learned: Learned;
  /** Rooms that stay loaded though they are not on screen. */
  held: ReadonlySet<string>;
  /**
   * The listener is called with each frame of the server, after the state has taken it in; isNew: it was the
   * room's next entry, heard for the first time. Returns what ends it.
   */
  onFrame(listener: (frame: ServerFrame, isNew: boolean) => void): () => void;
  /** Makes the next state by a pure function. now, unless false: listeners are told before it returns. */
  apply(change: (state: State) => State, now?: boolean): void;
  /** Gives a frame to the connection; false if there is none. */
  send(frame: ClientFrame): boolean;
  /** What ./presence does, once it is asked to. */
  others: Others | null;
  /** What ./past does, once it is asked to. */
  past: { jump(room: string, id: string): Promise<void>; newer(room: string): Promise<void> } | null;
  /** By room: the message that was jumped to last, until somebody goes elsewhere. */
  readonly jumps: Map<string, string>;
  /** Loads something of a room, unless that is under way; what goes wrong stands in the room's loadError. */
  once(what: 'newest' | 'older' | 'newer', room: string, load: (mine: () => boolean) => Promise<void>): Promise<void>;
  /** Starts the client; false if it runs. */
  begin(): boolean;
  /** Makes a request that ends this session and begins another: the client goes on with that one. */
  replace(ask: () => Promise<SignedIn>): Promise<SignedIn>;
}

/** What ./presence knows of other people, and tells them. */
export interface Others {
  typing(room: string): void;
  stop(room: string): void;
  /** A message has ended typing by itself. */
  said(room: string): void;
  /** A room may be live now. */
  changed(): void;
  connected(): void;
  disconnected(): void;
  /** An answer has told of these people. */
  met(people: readonly RestPerson[]): void;
  /** Ignores what is still on its way. */
  forget(): void;
}

export interface Client {
  /** The REST routes that a chat needs from the beginning; rest() of ./rest has all. */
  readonly api: Api;
  readonly link: Link;
  getState(): State;
  /** The listener is called after changes, at most about 60 times a second; returns what ends it. */
  subscribe(listener: () => void): () => void;
  /** Connects; also after signed_out, once somebody has signed in again. */
  start(): void;
  /** Disconnects. What is pending stays pending. */
  stop(): void;
  /** Puts a room on screen and loads its last 50 messages if need be. Rejects with an ApiError if there is no such room. */
  open(room: string): Promise<void>;
  /** No room is on screen. */
  close(): void;
  /** Loads 50 messages before the oldest that is shown; what went wrong stands in the room's loadError. */
  loadOlder(room: string): Promise<void>;
  /** With ./past: loads 50 messages after the last of the room's past, until that meets the end. */
  loadNewer(room: string): Promise<void>;
  /**
   * With ./past: goes to a message: if it is in no list, the room's past becomes the 50 before and after it. Rejects with an ApiError
   * if the room has no such message. Another jump, latest, or saying something gives it up.
   */
  jump(room: string, id: string): Promise<void>;
  /** Goes back to the end of the room. */
  latest(room: string): void;
  /** Everything in the room has been seen: marks it read, and takes away the line between old and new. */
  seen(room: string): void;
  /** The same of all rooms. */
  allSeen(): void;
  /**
   * Says something: shows it as pending and sends it, now or at the next connection. quote: id of a message of the room
   * that it quotes. Returns its client_id.
   */
  send(room: string, content: string, quote?: string): string;
  /** Sends a failed message again. */
  retry(room: string, clientId: string): void;
  /** Takes a failed message off the list. */
  discard(room: string, clientId: string): void;
  /** To be called on each input, with ./presence: tells the others, at most every 2 s, and ends by itself after 2 s of idleness. */
  typing(room: string): void;
  stopTyping(room: string): void;
  /** What is being written in a room; it stands in the state's drafts. */
  setDraft(room: string, text: string): void;
  /** Whether a message waits to be sent that would be lost if the page went now. */
  unsaved(): boolean;
  /** Whether the page is visible and has the focus: only then the open room is marked read. */
  setVisible(visible: boolean): void;
  /** Reads the list of rooms again. */
  refreshRooms(): Promise<void>;
}
