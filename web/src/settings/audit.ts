// The audit log as sentences. An entry that this page does not know yet is shown as the server wrote it.

import { span } from '../entry/when';

/** What is read of an entry of the audit log. */
export interface AuditFacts {
  at: string;
  actor: { id: string; name: string };
  action: string;
  subject_name: string;
  data: Record<string, unknown>;
}

/** A piece of a sentence: plain words, or a name that is set off from them. */
export type Piece = string | { name: string };

const roles: Record<string, string> = { owner: 'an owner', moderator: 'a moderator', member: 'a member' };

/** Tells one entry in pieces that are read one after the other, without a full stop. */
export function piecesOf(entry: AuditFacts): Piece[] {
  const actor: Piece =
    entry.actor.name === '' || entry.actor.id === '' ? 'The command line' : { name: entry.actor.name };
  const subject: Piece = { name: entry.subject_name };
  switch (entry.action) {
    case 'user_created':
      return created(entry, actor, subject);
    case 'role_changed':
      return roleChanged(entry, actor, subject);
    case 'user_disabled':
      return [actor, ' disabled the account of ', subject];
    case 'user_enabled':
      return [actor, ' enabled the account of ', subject, ' again'];
    case 'password_set':
      return [actor, ' set a new password for ', subject];
    case 'room_archived':
      return [actor, ' archived the room ', subject];
    case 'room_unarchived':
      return [actor, ' took the room ', subject, ' out of the archive'];
    case 'member_removed':
      return memberRemoved(entry, actor, subject);
    case 'invite_created':
      return [actor, ' made an invitation', ...inviteTerms(entry)];
    case 'invite_revoked':
      return [actor, ' revoked an invitation'];
    case 'workspace_changed':
      return workspaceChanged(entry, actor);
    default:
      return [
        actor,
        `: ${entry.action.replaceAll('_', ' ')}`,
        ...(entry.subject_name === '' ? [] : [' (', subject, ')']),
      ];
  }
}

/** The same entry as one line of text. */
export function sentenceOf(entry: AuditFacts): string {
  return piecesOf(entry)
    .map((piece) => (typeof piece === 'string' ? piece : piece.name))
    .join('');
}

function created(entry: AuditFacts, actor: Piece, subject: Piece): Piece[] {
  const inviter = entry.actor.name !== '' && entry.actor.name !== entry.subject_name;
  switch (text(entry, 'by')) {
    case 'setup':
      return [subject, ' set up the workspace and became its owner'];
    case 'invite':
      return inviter ? [subject, ' joined by an invitation of ', actor] : [subject, ' joined by an invitation'];
    case 'registration':
      return [subject, ' created an account'];
    case 'host':
      return [subject, ' came in from the site'];
    case 'command line':
      return ['The command line created an account for ', subject];
    default:
      return inviter ? [actor, ' created an account for ', subject] : [subject, ' joined'];
  }
}

function roleChanged(entry: AuditFacts, actor: Piece, subject: Piece): Piece[] {
  const role = text(entry, 'role');
  const was = text(entry, 'was');
  const now = roles[role] ?? (role || 'something else');
  return [actor, ' made ', subject, ` ${now}`, ...(was === '' ? [] : [`, who was ${roles[was] ?? was} before`])];
}

function memberRemoved(entry: AuditFacts, actor: Piece, subject: Piece): Piece[] {
  const room = text(entry, 'room');
  return room === ''
    ? [actor, ' removed ', subject, ' from a room']
    : [actor, ' removed ', subject, ' from ', { name: room }];
}

function inviteTerms(entry: AuditFacts): Piece[] {
  const terms: string[] = [];
  const uses = entry.data.max_uses;
  if (typeof uses === 'number' && uses > 0) terms.push(`for ${uses} ${uses === 1 ? 'person' : 'people'}`);
  // The end is stored in whole seconds, the entry's time more finely: seven days would be a moment less than that.
  const lasts = Math.round((Date.parse(text(entry, 'expires')) - Date.parse(entry.at)) / 60_000) * 60_000;
  if (lasts > 0) terms.push(`that lasts ${span(lasts)}`);
  return terms.length === 0 ? [] : [` ${terms.join(' ')}`];
}

function workspaceChanged(entry: AuditFacts, actor: Piece): Piece[] {
  const name = text(entry, 'name');
  const was = entry.data.was;
  const before = typeof was === 'object' && was !== null ? (was as { name?: unknown }).name : undefined;
  if (name === '' || typeof before !== 'string') return [actor, ' changed the workspace'];
  if (name === before) return [actor, ' changed the colour of the workspace'];
  return [actor, ' renamed the workspace from ', { name: before }, ' to ', { name }];
}

function text(entry: AuditFacts, key: string): string {
  const value = entry.data[key];
  return typeof value === 'string' ? value : '';
}
