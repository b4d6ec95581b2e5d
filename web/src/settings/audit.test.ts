import { expect, it } from 'vitest';
import { type AuditFacts, piecesOf, sentenceOf } from './audit';

const ann = { id: '1', name: 'ann' };
const operator = { id: '', name: 'operator' };

function entry(action: string, subject_name = '', data: Record<string, unknown> = {}, actor = ann): AuditFacts {
  return { at: '2026-11-20T10:00:00Z', actor, action, subject_name, data };
}

const table: [AuditFacts, string][] = [
  [entry('user_created', 'ann', { by: 'setup' }), 'ann set up the workspace and became its owner'],
  [entry('user_created', 'bob', { by: 'invite' }, { id: '2', name: 'bob' }), 'bob joined by an invitation'],
  [entry('user_created', 'bob', { by: 'invite' }), 'bob joined by an invitation of ann'],
  [entry('user_created', 'bob', { by: 'registration' }, { id: '2', name: 'bob' }), 'bob created an account'],
  [entry('user_created', 'bob', { by: 'command line' }, operator), 'The command line created an account for bob'],
  [
    entry('role_changed', 'bob', { role: 'moderator', was: 'member' }),
    'ann made bob a moderator, who was a member before',
  ],
  [entry('role_changed', 'bob', { role: 'owner' }), 'ann made bob an owner'],
  [entry('user_disabled', 'bob'), 'ann disabled the account of bob'],
  [entry('user_enabled', 'bob', {}, operator), 'The command line enabled the account of bob again'],
  [entry('password_set', 'bob', {}, operator), 'The command line set a new password for bob'],
  [entry('room_archived', 'random'), 'ann archived the room random'],
  [entry('room_unarchived', 'random'), 'ann took the room random out of the archive'],
  [entry('member_removed', 'bob', { room: 'random' }), 'ann removed bob from random'],
  [entry('member_removed', 'bob'), 'ann removed bob from a room'],
  [
    entry('invite_created', '', { max_uses: 10, expires: '2026-11-27T10:00:00Z' }),
    'ann made an invitation for 10 people that lasts 7 days',
  ],
  [
    { ...entry('invite_created', '', { max_uses: 0, expires: '2026-11-27T10:00:00Z' }), at: '2026-11-20T10:00:00.9Z' },
    'ann made an invitation that lasts 7 days',
  ],
  [entry('invite_created', '', { max_uses: 1 }), 'ann made an invitation for 1 person'],
  [entry('invite_created', '', { max_uses: 0 }), 'ann made an invitation'],
  [entry('invite_revoked'), 'ann revoked an invitation'],
  [
    entry('workspace_changed', '', { name: 'Tidewater', hue: 12, was: { name: 'Parley', hue: 12 } }),
    'ann renamed the workspace from Parley to Tidewater',
  ],
  [
    entry('workspace_changed', '', { name: 'Tidewater', hue: 12, was: { name: 'Tidewater', hue: 212 } }),
    'ann changed the colour of the workspace',
  ],
  [entry('workspace_changed'), 'ann changed the workspace'],
  [entry('something_new', 'bob'), 'ann: something new (bob)'],
  [entry('something_new'), 'ann: something new'],
];

it.each(table)('%o', (facts, sentence) => {
  expect(sentenceOf(facts)).toBe(sentence);
});

it('sets names off from the words, whatever they are', () => {
  const pieces = piecesOf(entry('user_disabled', '<b>bob</b>'));
  expect(pieces).toEqual([{ name: 'ann' }, ' disabled the account of ', { name: '<b>bob</b>' }]);
});
