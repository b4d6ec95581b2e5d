import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { EntryScreens } from '.';
import { type Answers, fillIn, later, refusal, show, workspace } from './testing';

const code = 'mfrggzdfmztwq2lknnwg23tpoa';

function server(over: Answers = {}, place = {}) {
  return {
    workspace: async () => ({ ...workspace, ...place }),
    me: () => Promise.reject(refusal('unauthenticated', 'who are you')),
    invitation: vi.fn(async () => ({ invited_by: 'Ana Ruiz', expires_at: '2026-11-27T12:00:00Z', uses_left: 10 })),
    register: vi.fn(async () => ({}) as never),
    ...over,
  };
}

function open(answers = server(), path = `/join/${code}`) {
  return { ...show(<EntryScreens path={path} />, answers, { path }), answers };
}

const join = () => screen.findByRole('button', { name: 'Join and open general' });

describe('an invitation', () => {
  it('says who invites and until when, makes an account and goes to general', async () => {
    const { user, answers } = open();
    await join();
    expect(screen.getByRole('heading', { name: 'Join Tidewater' })).toBeTruthy();
    expect(screen.getByText('Ana Ruiz')).toBeTruthy();
    expect(screen.getByText(/^Invitation for 10 more people, valid until Friday 27 November/)).toBeTruthy();
    expect(answers.invitation).toHaveBeenCalledWith(code);
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    await user.keyboard('bob');
    await user.type(screen.getByLabelText('Password'), 'a-long-quiet-river{Enter}');
    await waitFor(() => expect(location.pathname).toBe('/rooms/general'));
    expect(vi.mocked(answers.register).mock.calls).toEqual([
      [{ name: 'bob', password: 'a-long-quiet-river', invite: code }],
    ]);
  });

  it('without an end or a limit says nothing of them', async () => {
    open(server({ invitation: async () => ({ invited_by: 'Ana Ruiz' }) }));
    await join();
    expect(screen.getByText('Invitation.')).toBeTruthy();
  });

  it('that is not valid says what to do', async () => {
    open(server({ invitation: () => Promise.reject(refusal('not_found', 'no such invitation')) }, { guests: true }));
    expect(await screen.findByRole('heading', { name: 'This invitation does not work' })).toBeTruthy();
    expect(screen.getByText(/Ask whoever sent it to you/)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Look around as a guest' })).toBeTruthy();
    expect(screen.queryByLabelText('Name')).toBeNull();
  });

  it('that ends while the form is open says so and keeps what was typed', async () => {
    const register = vi.fn(() =>
      Promise.reject(refusal('forbidden', 'this invitation is not valid (any more): ask for a new one')),
    );
    const { user } = open(server({ register }));
    await join();
    fillIn({ Name: 'bob', Password: 'a-long-quiet-river' });
    await user.click(await join());
    expect((await screen.findByRole('alert')).textContent).toContain('not valid (any more): ask for a new one.');
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('bob');
  });

  it('tells refusals at their fields', async () => {
    const register = vi
      .fn(async () => ({}) as never)
      .mockRejectedValueOnce(refusal('conflict', 'this name is in use: choose another'))
      .mockRejectedValueOnce(refusal('invalid', 'email is not an address'))
      .mockRejectedValueOnce(refusal('too_large', 'the password is longer than 1024 bytes'));
    const { user } = open(server({ register }));
    const button = await join();
    fillIn({ Name: 'bob', Password: 'a-long-quiet-river' });
    for (const field of ['Name', 'E-mail', 'Password']) {
      await user.click(button);
      await waitFor(() => expect(screen.getByLabelText(field).getAttribute('aria-invalid')).toBe('true'));
      await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText(field)));
      expect(screen.getAllByRole('alert')).toHaveLength(1);
    }
    expect(register).toHaveBeenCalledTimes(3);
  });

  it('cannot be used twice by two quick presses', async () => {
    const answer = later<never>();
    const register = vi.fn(() => answer.promise);
    const { user } = open(server({ register }));
    const button = await join();
    fillIn({ Name: 'bob', Password: 'a-long-quiet-river' });
    await user.dblClick(button);
    expect(register).toHaveBeenCalledTimes(1);
  });
});

describe('who is signed in already', () => {
  it('is told so, and goes to the chat', async () => {
    const { user, answers } = open(
      server({ me: async () => ({ id: '2', name: 'bob', display: 'bob', kind: 'member', role: 'member' }) }),
    );
    expect(await screen.findByRole('heading', { name: 'You are in Tidewater already' })).toBeTruthy();
    expect(screen.getByText('bob')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Go to the chat' }));
    expect(location.pathname).toBe('/');
    expect(answers.register).not.toHaveBeenCalled();
  });

  it('as a guest may still join', async () => {
    open(server({ me: async () => ({ id: '2', name: 'bob', display: 'bob', kind: 'guest', role: 'guest' }) }));
    expect(await join()).toBeTruthy();
  });
});

describe('without an invitation', () => {
  it('joins an open workspace', async () => {
    const { user, answers } = open(server({}, { registration: 'open' }), '/join');
    await join();
    expect(answers.invitation).not.toHaveBeenCalled();
    fillIn({ Name: 'bob', Password: 'a-long-quiet-river' });
    await user.click(await join());
    await waitFor(() => expect(answers.register).toHaveBeenCalledWith({ name: 'bob', password: 'a-long-quiet-river' }));
  });

  it('is told to get one', async () => {
    open(server(), '/join');
    expect(await screen.findByText(/You need an invitation/)).toBeTruthy();
    expect(screen.queryByLabelText('Name')).toBeNull();
  });

  it('is told when the workspace takes nobody', async () => {
    open(server({}, { registration: 'closed' }), '/join');
    expect(await screen.findByRole('heading', { name: 'Tidewater takes no new accounts' })).toBeTruthy();
  });
});

it('offers to try again when the server does not answer', async () => {
  const invitation = vi.fn(server().invitation).mockRejectedValueOnce(refusal('network', 'no answer'));
  const { user } = open(server({ invitation }));
  await user.click(await screen.findByRole('button', { name: 'Try again' }));
  expect(await join()).toBeTruthy();
});
