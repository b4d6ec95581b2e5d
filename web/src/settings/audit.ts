// The audit log as sentences. An entry that this page does not know yet is shown as the server wrote it.

import { span } from '../entry/when';
import type { Piece } from '../text/pieces';
import { settings } from '../text/settings';

const texts = settings.audit;

/** What is read of an entry of the audit log. */
export interface AuditFacts {
  at: string;
  actor: { id: string; name: string };
  action: string;
  subject_name: string;
  data: Record<string, unknown>;
}

/** Tells one entry in pieces that are read one after the other, without a full stop. */
export function piecesOf(entry: AuditFacts): Piece[] {
  const actor: Piece =
    entry.actor.name === '' || entry.actor.id === '' ? texts.commandLine : { name: entry.actor.name };
  const subject: Piece = { name: entry.subject_name };
  switch (entry.action) {
    case 'user_created':
      return created(entry, actor, subject);
    case 'role_changed':
      return roleChanged(entry, actor, subject);
    case 'user_disabled':
      return texts.disabled(actor, subject);
    case 'user_enabled':
      return texts.enabled(actor, subject);
    case 'password_set':
      return texts.passwordSet(actor, subject);
    case 'room_archived':
      return texts.archived(actor, subject);
    case 'room_unarchived':
      return texts.unarchived(actor, subject);
    case 'member_removed':
      return memberRemoved(entry, actor, subject);
    case 'invite_created':
      return inviteCreated(entry, actor);
    case 'invite_revoked':
      return texts.inviteRevoked(actor);
    case 'workspace_changed':
      return workspaceChanged(entry, actor);
    case 'user_blocked':
      return texts.blocked(actor, subject);
    case 'user_unblocked':
      return texts.unblocked(actor, subject);
    case 'message_reported':
      return texts.reported(actor, subject, { name: `#${String(entry.data.room)}` });
    case 'report_resolved':
      return texts.resolved(actor, subject, { name: `#${String(entry.data.room)}` });
    case 'announced':
      return texts.announced(actor, { name: String(entry.data.content) });
    case 'announcement_ended':
      return texts.announcementEnded(actor);
    default:
      return texts.unknown(actor, entry.action.replaceAll('_', ' '), entry.subject_name === '' ? null : subject);
  }
}

/** The same entry as one line of text. */
export function sentenceOf(entry: AuditFacts): string {
  return piecesOf(entry)
    .map((piece) => (typeof piece === 'string' ? piece : 'name' in piece ? piece.name : ''))
    .join('');
}

function created(entry: AuditFacts, actor: Piece, subject: Piece): Piece[] {
  const inviter = entry.actor.name !== '' && entry.actor.name !== entry.subject_name;
  switch (text(entry, 'by')) {
    case 'setup':
      return texts.setUp(subject);
    case 'invite':
      return inviter ? texts.joinedBy(subject, actor) : texts.joinedByInvitation(subject);
    case 'registration':
      return texts.registered(subject);
    case 'host':
      return texts.fromSite(subject);
    case 'command line':
      return texts.createdFor(texts.commandLine, subject);
    default:
      return inviter ? texts.createdFor(actor, subject) : texts.joined(subject);
  }
}

function roleChanged(entry: AuditFacts, actor: Piece, subject: Piece): Piece[] {
  const role = text(entry, 'role');
  const was = text(entry, 'was');
  return texts.roleChanged(actor, subject, texts.roles[role] ?? (role || texts.someRole), texts.roles[was] ?? was);
}

function memberRemoved(entry: AuditFacts, actor: Piece, subject: Piece): Piece[] {
  const room = text(entry, 'room');
  return room === '' ? texts.removed(actor, subject) : texts.removedFrom(actor, subject, { name: room });
}

function inviteCreated(entry: AuditFacts, actor: Piece): Piece[] {
  const uses = entry.data.max_uses;
  // The end is stored in whole seconds, the entry's time more finely: seven days would be a moment less than that.
  const lasts = Math.round((Date.parse(text(entry, 'expires')) - Date.parse(entry.at)) / 60_000) * 60_000;
  return texts.invited(actor, typeof uses === 'number' ? uses : 0, lasts > 0 ? span(lasts) : '');
}

function workspaceChanged(entry: AuditFacts, actor: Piece): Piece[] {
  const name = text(entry, 'name');
  const was = entry.data.was;
  const before = typeof was === 'object' && was !== null ? (was as { name?: unknown }).name : undefined;
  if (name === '' || typeof before !== 'string') return texts.workspaceChanged(actor);
  return name === before ? texts.colourChanged(actor) : texts.renamed(actor, before, name);
}

function text(entry: AuditFacts, key: string): string {
  const value = entry.data[key];
  return typeof value === 'string' ? value : '';
}
