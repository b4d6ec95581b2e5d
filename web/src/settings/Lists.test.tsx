import type { RestPerson, Role } from '@parley-chat/client';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { fillIn, later, owner, refusal, show } from '../entry/testing';
import { Settings } from '.';

beforeAll(() => import('../ui/DialogWindow'));

const rows = (name: string) => within(screen.getByRole('list', { name })).getAllByRole('listitem');
const dialog = async (name: string) => within(await screen.findByRole('dialog', { name }));
const noDialog = () => waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());

describe('sessions', () => {
  const all = [
    ['a', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', true],
    ['b', 'curl/8.14.1', false],
    ['c', 'Go-http-client/1.1', false],
  ].map(([id, user_agent, current]) => ({
    id: id as string,
    user_agent: user_agent as string,
    current: current as boolean,
    created_at: '2026-11-01T10:00:00Z',
    last_seen_at: '2026-11-02T10:00:00Z',
  }));

  it('names them, and ends one', async () => {
    const endSession = vi.fn(async () => undefined);
    const { user } = show(<Settings tab="sessions" />, { sessions: async () => all, endSession });
    await screen.findByText('Firefox on Linux');
    expect(rows('Sessions')[0]?.textContent).toContain('This one');
    expect(within(rows('Sessions')[0] as HTMLElement).queryByRole('button')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Sign out curl' }));
    expect(await screen.findByText('Signed out of curl.')).toBeTruthy();
    expect(endSession).toHaveBeenCalledWith('b');
    expect(rows('Sessions')).toHaveLength(2);
    expect(document.activeElement?.textContent).toBe('Sessions');
  });

  it('says at its row why one did not end', async () => {
    const endSession = vi.fn(() => Promise.reject(refusal('not_found', 'there is no such session')));
    const { user } = show(<Settings tab="sessions" />, { sessions: async () => all, endSession });
    await user.click(await screen.findByRole('button', { name: 'Sign out curl' }));
    expect((await screen.findByRole('alert')).textContent).toBe('There is no such session.');
    expect(rows('Sessions')).toHaveLength(3);
  });

  it('ends all others after a question, and gives the focus back', async () => {
    const endOtherSessions = vi.fn(async () => 2);
    const { user } = show(<Settings tab="sessions" />, { sessions: async () => all, endOtherSessions });
    const button = await screen.findByRole('button', { name: 'Sign out everywhere else' });
    await user.click(button);
    let asked = await dialog('Sign out everywhere else?');
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Cancel'));
    await user.keyboard('{Enter}');
    await noDialog();
    expect(endOtherSessions).not.toHaveBeenCalled();
    await waitFor(() => expect(document.activeElement).toBe(button));

    await user.click(button);
    asked = await dialog('Sign out everywhere else?');
    await user.click(asked.getByRole('button', { name: 'Sign out' }));
    expect(await screen.findByText('Signed out of 2 sessions.')).toBeTruthy();
    expect(rows('Sessions')).toHaveLength(1);
    await noDialog();
  });

  it('keeps the question open with the reason when that fails, and asks once', async () => {
    const answer = later<number>();
    const endOtherSessions = vi.fn(() => answer.promise);
    const { user } = show(<Settings tab="sessions" />, { sessions: async () => all, endOtherSessions });
    await user.click(await screen.findByRole('button', { name: 'Sign out everywhere else' }));
    const asked = await dialog('Sign out everywhere else?');
    await user.dblClick(asked.getByRole('button', { name: 'Sign out' }));
    answer.refuse(refusal('overloaded', 'the answer took too long'));
    expect((await asked.findByRole('alert')).textContent).toBe('The answer took too long.');
    expect(endOtherSessions).toHaveBeenCalledTimes(1);
  });
});

describe('invitations', () => {
  const made = { created_by: 'ann', created_at: new Date(Date.now() - 3 * 3600_000).toISOString() };
  const open = [
    { ...made, id: 'i1', max_uses: 10, uses: 3, expires_at: '2030-11-29T10:00:00Z' },
    { ...made, id: 'i2', uses: 0 },
  ];
  const fresh = { ...made, id: 'i9', code: 'abc', url: 'https://x.example/join/abc', max_uses: 5, uses: 0 };

  it('are made with their terms, and the link is shown', async () => {
    const invites = vi.fn(async () => open);
    const createInvite = vi.fn(async () => fresh);
    const { user } = show(<Settings tab="invites" />, { invites, createInvite });
    await screen.findByRole('list', { name: 'Open invitations' });
    await user.selectOptions(screen.getByLabelText('It works for'), '30 days');
    fillIn({ 'How many people': '5' });
    await user.click(screen.getByRole('button', { name: 'Create an invitation' }));
    const shown = within(await screen.findByRole('region', { name: 'New invitation' }));
    expect(shown.getByLabelText<HTMLInputElement>('Invitation link').value).toBe('https://x.example/join/abc');
    expect(shown.getByText('It works until it is revoked, for 5 people.')).toBeTruthy();
    expect(await shown.findByRole('img', { name: 'QR code of the invitation link' })).toBeTruthy();
    expect(createInvite).toHaveBeenCalledWith({ expires_in: 30 * 24 * 3600, max_uses: 5 });
    await waitFor(() => expect(invites).toHaveBeenCalledTimes(2));
  });

  it.each(['0', '-1', '1.5', '10001', 'many'])('are not made for %s people', async (uses) => {
    const createInvite = vi.fn(async () => fresh);
    const { user } = show(<Settings tab="invites" />, { invites: async () => [], createInvite });
    fillIn({ 'How many people': uses });
    await user.click(screen.getByRole('button', { name: 'Create an invitation' }));
    expect(screen.getByRole('alert').textContent).toContain('from 1 to 10,000');
    expect(createInvite).not.toHaveBeenCalled();
    expect(await screen.findByText(/There are none/)).toBeTruthy();
  });

  it('are listed with what is left of them, and revoked after a question', async () => {
    const revokeInvite = vi.fn(async () => undefined);
    const { user } = show(<Settings tab="invites" />, { invites: async () => open, revokeInvite });
    await screen.findByRole('list', { name: 'Open invitations' });
    expect(rows('Open invitations').map((row) => row.textContent)).toEqual([
      expect.stringMatching(/^Made by ann 3 hours agoUsed by 3 of 10, until Friday,? 29 November 2030Revoke$/),
      'Made by ann 3 hours agoNot used yet, without endRevoke',
    ]);
    await user.click(within(rows('Open invitations')[1] as HTMLElement).getByRole('button'));
    const asked = await dialog('Revoke this invitation?');
    await user.click(asked.getByRole('button', { name: 'Revoke' }));
    await noDialog();
    expect(revokeInvite).toHaveBeenCalledWith('i2');
    expect(rows('Open invitations')).toHaveLength(1);
  });
});

describe('people', () => {
  const person = (id: string, name: string, role: Role, over: Partial<RestPerson> = {}): RestPerson => ({
    id,
    name,
    display: name,
    kind: 'member',
    role,
    disabled: false,
    ...over,
  });
  const ann = person('1', 'ann', 'owner', { email: 'ann@example.org' });
  const bob = person('2', 'bob', 'member', { display: 'Bob Moss' });
  const eve = person('3', 'eve', 'member', { disabled: true });
  const bot = person('4', 'deploy', 'member', { kind: 'bot' });
  const users = async () => ({ people: [ann, bob, eve, bot], next: null });

  it('are read by a member, who can change nothing', async () => {
    show(<Settings tab="people" />, { users }, { me: { ...owner, id: '2', role: 'member' } });
    await screen.findByText('Bob Moss (bob)');
    expect(rows('People').map((row) => row.textContent)).toEqual([
      expect.stringContaining('annOwner'),
      expect.stringContaining('Bob Moss (bob)YouMember'),
      expect.stringContaining('eveDisabled'),
      expect.stringContaining('deployBot'),
    ]);
    expect(within(screen.getByRole('list', { name: 'People' })).queryByRole('button')).toBeNull();
    expect(screen.queryByRole('combobox')).toBeNull();
  });

  it('get a role from an owner', async () => {
    const setRole = vi.fn(async () => ({ ...bob, role: 'moderator' as const }));
    const { user } = show(<Settings tab="people" />, { users, setRole });
    const select = await screen.findByLabelText<HTMLSelectElement>('Role of bob');
    await user.selectOptions(select, 'Moderator');
    await waitFor(() => expect(select.value).toBe('moderator'));
    expect(setRole).toHaveBeenCalledWith('2', 'moderator');
  });

  it('become owners, and owners step down, only after a question', async () => {
    const setRole = vi.fn(() => Promise.reject(refusal('conflict', 'the workspace needs an owner')));
    const { user } = show(<Settings tab="people" />, { users, setRole });
    await user.selectOptions(await screen.findByLabelText('Role of bob'), 'Owner');
    let asked = await dialog('Make bob an owner?');
    await user.click(asked.getByRole('button', { name: 'Cancel' }));
    await noDialog();
    expect(setRole).not.toHaveBeenCalled();
    await user.selectOptions(screen.getByLabelText('Role of ann'), 'Member');
    asked = await dialog('Give up your own role?');
    await user.click(asked.getByRole('button', { name: 'Give it up' }));
    expect((await asked.findByRole('alert')).textContent).toBe('The workspace needs an owner.');
    expect(setRole.mock.calls).toEqual([['1', 'member']]);
  });

  it('say at their row why a role was refused, and keep the old one', async () => {
    const setRole = vi.fn(() => Promise.reject(refusal('forbidden', 'only owners may do this')));
    const { user } = show(<Settings tab="people" />, { users, setRole });
    const select = await screen.findByLabelText<HTMLSelectElement>('Role of bob');
    await user.selectOptions(select, 'Moderator');
    expect((await within(rows('People')[1] as HTMLElement).findByRole('alert')).textContent).toBe(
      'Only owners may do this.',
    );
    expect(select.value).toBe('member');
  });

  it('are disabled after a question, and enabled at once; never oneself', async () => {
    const setDisabled = vi.fn(async (id: string, disabled: boolean) => ({ ...(id === '2' ? bob : eve), disabled }));
    const { user } = show(<Settings tab="people" />, { users, setDisabled });
    await user.click(await screen.findByRole('button', { name: 'Disable bob' }));
    const asked = await dialog('Disable bob?');
    await user.click(asked.getByRole('button', { name: 'Disable' }));
    expect(await screen.findByRole('button', { name: 'Enable bob' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Enable eve' }));
    expect(await screen.findByRole('button', { name: 'Disable eve' })).toBeTruthy();
    expect(setDisabled.mock.calls).toEqual([
      ['2', true],
      ['3', false],
    ]);
    expect(screen.queryByRole('button', { name: /able ann/ })).toBeNull();
  });

  it('come in pages', async () => {
    const paged = vi.fn(async (after?: string) =>
      after === undefined ? { people: [ann], next: 'ann' } : { people: [bob], next: null },
    );
    const { user } = show(<Settings tab="people" />, { users: paged });
    await user.click(await screen.findByRole('button', { name: 'Show more' }));
    await screen.findByText('Bob Moss (bob)');
    expect(paged.mock.calls).toEqual([[], ['ann']]);
    expect(rows('People')).toHaveLength(2);
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });
});

describe('rooms', () => {
  const room = (name: string, archived: boolean) => ({ id: name, name, topic: '', archived }) as never;
  const rooms = async () => [room('general', false), room('old', true)];

  it('go into the archive after a question, and come out of it', async () => {
    const setArchived = vi.fn(async (name: string, archived: boolean) => room(name, archived));
    const { user } = show(<Settings tab="rooms" />, { rooms, setArchived });
    await user.click(await screen.findByRole('button', { name: 'Archive general' }));
    const asked = await dialog('Archive general?');
    await user.click(asked.getByRole('button', { name: 'Archive' }));
    expect(await screen.findByRole('button', { name: 'Take general out of the archive' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Take old out of the archive' }));
    expect(await screen.findByRole('button', { name: 'Archive old' })).toBeTruthy();
    expect(setArchived.mock.calls).toEqual([
      ['general', true],
      ['old', false],
    ]);
  });

  it('say at their row why they stay in it', async () => {
    const setArchived = vi.fn(() => Promise.reject(refusal('forbidden', 'only owners and moderators may do this')));
    const { user } = show(<Settings tab="rooms" />, { rooms, setArchived });
    await user.click(await screen.findByRole('button', { name: 'Take old out of the archive' }));
    expect((await screen.findByRole('alert')).textContent).toBe('Only owners and moderators may do this.');
  });
});

describe('the audit log', () => {
  const entry = (id: number, subject_name: string) => ({
    id,
    at: '2026-11-20T10:00:00Z',
    actor: { id: '1', name: 'ann' },
    action: 'user_disabled',
    subject: 'x',
    subject_name,
    data: {},
  });

  it('tells in sentences, newest first, and loads older entries', async () => {
    const audit = vi.fn(async ({ before }: { before?: number } = {}) =>
      before === undefined ? { entries: [entry(9, 'bob'), entry(8, 'eve')], next: 8 } : { entries: [entry(7, 'zoe')] },
    );
    const { user } = show(<Settings tab="audit" />, { audit });
    await user.click(await screen.findByRole('button', { name: 'Show older entries' }));
    await screen.findByText('zoe');
    expect(rows('Audit log').map((row) => row.querySelector('span')?.textContent)).toEqual([
      'ann disabled the account of bob',
      'ann disabled the account of eve',
      'ann disabled the account of zoe',
    ]);
    expect(audit.mock.calls).toEqual([[], [{ before: 8 }]]);
    expect(screen.queryByRole('button', { name: 'Show older entries' })).toBeNull();
  });

  it('keeps what it has when older entries cannot be had', async () => {
    const audit = vi
      .fn(async () => ({ entries: [entry(9, 'bob')], next: 9 }))
      .mockImplementationOnce(async () => ({ entries: [entry(9, 'bob')], next: 9 }))
      .mockRejectedValueOnce(refusal('network', 'no answer'));
    const { user } = show(<Settings tab="audit" />, { audit });
    await user.click(await screen.findByRole('button', { name: 'Show older entries' }));
    expect((await screen.findByRole('alert')).textContent).toContain('cannot be reached');
    expect(rows('Audit log')).toHaveLength(1);
  });
});
