/** What a room is besides what is said in it: who may do what there, and the changes that tell of it. Pure, as reduce.ts. */
import type { ChangeFrame } from './protocol.ts';
import { withSync } from './sync.ts';
import type { By, NoticeKind, Room, RoomRole } from './types.ts';

/** What answers and frames tell of it; what is left out is no, nothing or nobody. */
export interface Told {
  kind?: Room['kind'];
  role?: RoomRole;
  read_only?: boolean;
  slow_mode?: number;
  history?: Room['history'];
  people?: readonly By[];
  notify?: string;
  muted?: boolean;
}

const named = (people: readonly By[]) => people.map((p) => p.id + p.name).join();

/** toldOf is what a room is by what is told of it; before: what it was, whose people stay the same list. */
export function toldOf(t: Told, before?: Room) {
  const people = t.people ?? [];
  return {
    kind: t.kind ?? before?.kind ?? 'public',
    role: t.role ?? '',
    readOnly: t.read_only === true,
    slowMode: t.slow_mode ?? 0,
    notify: (t.notify ?? '') as Room['notify'],
    muted: t.muted === true,
    history: t.history ?? 'all',
    people: before && named(before.people) === named(people) ? before.people : people,
  } as const;
}

/** A room after a change, and what is to be told of it: the notice, whom it is about, its text, and who did it to them. */
type Changed = readonly [Room, NoticeKind, users: readonly string[], text: string | null, by: string | null];

export const said = (value: unknown) => (typeof value === 'string' ? value : '');

/** changedBy is a room after a change that concerns no message; null: of a kind that is not known here. */
export function changedBy(room: Room, { kind, data, seq, user, user_id }: ChangeFrame, me: string): Changed | null {
  const next = withSync(room, { told: seq });
  const of = (set: Partial<Room>, notice: NoticeKind, text: string | null = null): Changed => [
    { ...next, ...set },
    notice,
    [user],
    text,
    null,
  ];
  const about = (after: Room, notice: NoticeKind, text: string): Changed => [
    after,
    notice,
    [said(data.user)],
    text || null,
    data.user_id === user_id ? null : user,
  ];
  const mine = data.user_id === me;
  const topic = said(data.topic);
  const role = said(data.role);
  switch (kind) {
    case 'topic':
      return of({ topic }, kind, topic);
    case 'archived':
    case 'unarchived':
      return of({ archived: kind === 'archived' }, kind);
    case 'renamed':
      return of({}, kind, said(data.name));
    case 'settings': {
      const { readOnly, slowMode, history } = toldOf(data);
      const set = { readOnly, slowMode, history };
      if (readOnly !== room.readOnly) return of(set, readOnly ? 'read_only' : 'writable');
      return slowMode !== room.slowMode ? of(set, 'slow_mode', `${slowMode}`) : of(set, kind);
    }
    case 'role':
      return about(mine ? { ...next, role: role as RoomRole } : room, kind, role);
    case 'member_added':
      return about(room, kind, '');
    case 'member_removed':
      return about(
        mine ? withSync(room, { stream: 'removed' }) : room,
        data.left ? 'member_left' : data.banned ? 'member_banned' : kind,
        said(data.reason),
      );
    default:
      return null;
  }
}
