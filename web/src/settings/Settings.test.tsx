import type { Me } from '@parley-chat/client';
import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { type Answers, fillIn, later, owner, refusal, show, workspace } from '../entry/testing';
import { Settings } from '.';
import { App } from './settings.fixture';

const mine = {
  id: '1',
  name: 'ann',
  display: 'Ann Lind',
  kind: 'member',
  role: 'owner',
  email: 'ann@example.org',
} as const;
const answers: Answers = { me: async () => mine };

describe('the tabs', () => {
  const member: Me = { ...owner, role: 'member' };
  it.each<[string, Me, string[]]>([
    [
      'owner',
      owner,
      [
        'Profile',
        'Notifications',
        'Availability',
        'Sessions',
        'People',
        'Invitations',
        'Rooms',
        'Workspace',
        'Reports',
        'Announcements',
        'Audit log',
      ],
    ],
    [
      'moderator',
      { ...owner, role: 'moderator' },
      ['Profile', 'Notifications', 'Availability', 'Sessions', 'People', 'Invitations', 'Rooms', 'Reports'],
    ],
    ['member', member, ['Profile', 'Notifications', 'Availability', 'Sessions', 'People']],
    ['guest', { ...owner, kind: 'guest', role: 'guest' }, ['Profile', 'Notifications']],
  ])('are those that a %s may use', (_role, me, names) => {
    show(<Settings tab="profile" />, answers, { me });
    expect(
      screen
        .getAllByRole('link')
        .filter((link) => link.closest('nav'))
        .map((link) => link.textContent),
    ).toEqual(names);
  });

  it('are reached by their links, and keep the focus', async () => {
    const { user } = show(<App />, { ...answers, rooms: async () => [] }, { path: '/settings/profile' });
    const link = screen.getByRole('link', { name: 'Rooms' });
    await user.click(link);
    expect(location.pathname).toBe('/settings/rooms');
    expect(screen.getByRole('heading', { level: 2, name: 'Rooms' })).toBeTruthy();
    expect(link.getAttribute('aria-current')).toBe('page');
    expect(document.activeElement).toBe(link);
    expect(await screen.findByText(/There are no rooms yet/)).toBeTruthy();
  });

  it('that somebody may not use show the profile instead', async () => {
    show(<Settings tab="audit" />, answers, { me: member });
    expect(screen.getByRole('heading', { level: 2, name: 'Profile' })).toBeTruthy();
    expect(await screen.findByLabelText('Display name')).toBeTruthy();
  });

  it('close with Esc and with the button', async () => {
    const { user } = show(<Settings tab="profile" />, answers, { path: '/settings/profile' });
    await user.keyboard('{Escape}');
    expect(location.pathname).toBe('/');
    history.replaceState(null, '', '/settings/profile');
    await user.click(screen.getByRole('button', { name: 'Close settings' }));
    expect(location.pathname).toBe('/');
  });
});

describe('the profile', () => {
  it('saves the display name and the address', async () => {
    const updateMe = vi.fn(async () => mine as never);
    const { user } = show(<Settings tab="profile" />, { ...answers, updateMe });
    expect((await screen.findByLabelText<HTMLInputElement>('Display name')).value).toBe('Ann Lind');
    fillIn({ 'Display name': ' Ann ', 'E-mail': '' });
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved.')).toBeTruthy();
    expect(updateMe).toHaveBeenCalledWith({ display: 'Ann', email: '' });
  });

  it('tells a wrong address at its field, from here and from the server', async () => {
    const updateMe = vi.fn(() => Promise.reject(refusal('invalid', 'email is not an address')));
    const { user } = show(<Settings tab="profile" />, { ...answers, updateMe });
    await screen.findByLabelText('E-mail');
    fillIn({ 'E-mail': 'ann' });
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(screen.getByRole('alert').textContent).toContain('This is not an e-mail address.');
    expect(updateMe).not.toHaveBeenCalled();
    fillIn({ 'E-mail': 'ann@x' });
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toBe('Email is not an address.');
    expect(screen.getByLabelText('E-mail').getAttribute('aria-invalid')).toBe('true');
  });

  it('changes the password once, with the connection down meanwhile, and empties the fields', async () => {
    const answer = later<never>();
    const changePassword = vi.fn(() => answer.promise);
    const { user, calls } = show(<Settings tab="profile" />, { ...answers, changePassword });
    await screen.findByLabelText('Current password');
    fillIn({ 'Current password': 'old-password', 'New password': 'a-long-quiet-river' });
    await user.dblClick(screen.getByRole('button', { name: 'Change password' }));
    expect(calls).toEqual(['stop']);
    answer.answer({} as never);
    expect(await screen.findByText(/Your password is changed/)).toBeTruthy();
    expect(calls).toEqual(['stop', 'start']);
    expect(changePassword.mock.calls).toEqual([['old-password', 'a-long-quiet-river']]);
    expect(screen.getByLabelText<HTMLInputElement>('Current password').value).toBe('');
    expect(screen.getByLabelText<HTMLInputElement>('New password').value).toBe('');
  });

  it('tells a wrong current password at its field, and connects again', async () => {
    const changePassword = vi.fn(() => Promise.reject(refusal('forbidden', 'the current password is wrong')));
    const { user, calls } = show(<Settings tab="profile" />, { ...answers, changePassword });
    await screen.findByLabelText('Current password');
    fillIn({ 'Current password': 'nope', 'New password': 'a-long-quiet-river' });
    await user.click(screen.getByRole('button', { name: 'Change password' }));
    expect((await screen.findByRole('alert')).textContent).toBe('The current password is wrong.');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Current password')));
    expect(calls).toEqual(['stop', 'start']);
  });

  it('has nothing to change for a guest', () => {
    show(<Settings tab="profile" />, answers, { me: { ...owner, kind: 'guest', role: 'guest' } });
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByText(/A guest has no profile/)).toBeTruthy();
  });

  it('offers to try again when it cannot be had', async () => {
    const me = vi.fn(async () => mine).mockRejectedValueOnce(refusal('network', 'no answer'));
    const { user } = show(<Settings tab="profile" />, { me });
    await user.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByLabelText('Display name')).toBeTruthy();
  });
});

describe('the workspace', () => {
  it('takes a name and a colour', async () => {
    const setWorkspace = vi.fn(async (body: { name: string; hue: number }) => ({ ...workspace, ...body }));
    const { user } = show(<Settings tab="workspace" />, { workspace: async () => workspace, setWorkspace });
    await screen.findByLabelText('Workspace name');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Tide' }).checked).toBe(true);
    fillIn({ 'Workspace name': ' Harbour ' });
    await user.click(screen.getByRole('radio', { name: 'Moss' }));
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText(/^Saved/)).toBeTruthy();
    expect(setWorkspace).toHaveBeenCalledWith({ name: 'Harbour', hue: 120 });
    expect(document.documentElement.style.getPropertyValue('--accent-h')).toBe('120');
  });

  it('keeps its hue when that is none of the swatches, and refuses a blank name', async () => {
    const setWorkspace = vi.fn(async () => workspace);
    const { user } = show(<Settings tab="workspace" />, {
      workspace: async () => ({ ...workspace, hue: 99 }),
      setWorkspace,
    });
    await screen.findByLabelText('Workspace name');
    fillIn({ 'Workspace name': '  ' });
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(screen.getByRole('alert').textContent).toBe('Enter a name for the workspace.');
    fillIn({ 'Workspace name': 'Harbour' });
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(setWorkspace).toHaveBeenCalledWith({ name: 'Harbour', hue: 99 }));
  });
});
