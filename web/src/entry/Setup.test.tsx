import { screen, waitFor, within } from '@testing-library/react';
import { StrictMode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EntryScreens, InviteDialog } from '.';
import { type Answers, fillIn, later, refusal, show, workspace } from './testing';

const code = 'mfrggzdfmztwq2lknnwg23tpoa';
const link = `https://chat.tidewater.example/join/${code}`;
const invite = {
  id: 'i1',
  code,
  url: link,
  created_by: 'ann',
  created_at: '2026-11-22T10:00:00Z',
  expires_at: '2026-11-29T10:00:00Z',
  uses: 0,
};

function server(over: Answers = {}) {
  return {
    workspace: async () => ({ ...workspace, name: 'Parley', set_up: false }),
    setup: vi.fn(async () => ({ expires_at: new Date(Date.now() + 24.5 * 60_000).toISOString() })),
    register: vi.fn(async () => ({}) as never),
    setWorkspace: vi.fn(async () => workspace),
    createInvite: vi.fn(async () => invite),
    ...over,
  };
}

async function open(answers = server()) {
  const found = show(<EntryScreens path="/setup" />, answers, { path: `/setup#${code}` });
  await screen.findByRole('heading', { name: 'Set up your workspace' });
  return { ...found, answers };
}

const typed = {
  'Workspace name': ' Tidewater ',
  Name: ' ann ',
  'E-mail': 'ann@example.org',
  Password: 'a-long-quiet-river',
};

const create = () => screen.getByRole('button', { name: 'Create and open general' });

afterEach(() => document.documentElement.removeAttribute('style'));

describe('a set-up link that works', () => {
  it('is checked at once, and says how long it still works', async () => {
    const { answers } = await open();
    expect(answers.setup).toHaveBeenCalledWith(code);
    expect(screen.getByText('This link works once and ends in 24 minutes')).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('Workspace name'));
    expect(location.hash).toBe(`#${code}`);
  });

  it('makes the account, the workspace and an invitation for a week, and goes to general', async () => {
    const { user, answers } = await open();
    fillIn(typed);
    await user.click(screen.getByRole('radio', { name: 'Plum' }));
    expect(document.documentElement.style.getPropertyValue('--accent-h')).toBe('300');
    await user.click(create());

    const dialog = within(await screen.findByRole('dialog', { name: 'Invite people' }));
    const field = await dialog.findByLabelText<HTMLInputElement>('Invitation link');
    expect(field.value).toBe(link);
    expect(field.readOnly).toBe(true);
    expect(await dialog.findByRole('img', { name: 'QR code of the invitation link' })).toBeTruthy();
    expect(dialog.getByText(/^It works until Sunday 29 November/)).toBeTruthy();
    expect(answers.register).toHaveBeenCalledWith({
      name: 'ann',
      email: 'ann@example.org',
      password: 'a-long-quiet-river',
      setup: code,
    });
    expect(answers.setWorkspace).toHaveBeenCalledWith({ name: 'Tidewater', hue: 300 });
    expect(answers.createInvite).toHaveBeenCalledWith({ expires_in: 7 * 24 * 3600 });
    expect(location.hash).toBe('');

    await user.click(dialog.getByRole('button', { name: 'Go to general' }));
    expect(location.pathname).toBe('/rooms/general');
  });

  it('chooses a colour with the keyboard, by its name', async () => {
    const { user } = await open();
    screen.getByRole('radio', { name: 'Tide' }).focus();
    await user.keyboard('{ArrowRight}');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Ink' }).checked).toBe(true);
    expect(within(screen.getByRole('group', { name: 'Colour' })).getAllByRole('radio')).toHaveLength(7);
  });

  it('leaves the address out when none was given', async () => {
    const { user, answers } = await open();
    fillIn(typed);
    fillIn({ 'E-mail': '  ' });
    await user.click(create());
    await waitFor(() => expect(answers.register).toHaveBeenCalled());
    expect(vi.mocked(answers.register).mock.calls[0]).toEqual([
      { name: 'ann', password: 'a-long-quiet-river', setup: code },
    ]);
  });

  it('tells each mistake at its field before it sends anything', async () => {
    const { user, answers } = await open();
    fillIn({ Name: 'a,b', 'E-mail': 'nowhere', Password: 'short' });
    await user.click(create());
    expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([
      'Enter a name for the workspace.',
      'A name has letters, digits, spaces and - _ . only, not “,”.',
      'This is not an e-mail address. It looks like ann@example.org.',
      'A password has at least 8 characters: 3 more.',
    ]);
    expect(answers.register).not.toHaveBeenCalled();
  });

  it('tells a refusal at its field and keeps what was typed', async () => {
    const register = vi.fn(() => Promise.reject(refusal('conflict', 'this name is in use: choose another')));
    const { user, answers } = await open(server({ register }));
    fillIn(typed);
    await user.click(create());
    expect((await screen.findByRole('alert')).textContent).toBe('This name is in use: choose another.');
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    expect(screen.getByLabelText<HTMLInputElement>('Workspace name').value).toBe(' Tidewater ');
    expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('a-long-quiet-river');
    expect(answers.setWorkspace).not.toHaveBeenCalled();
    expect(location.hash).toBe(`#${code}`);
  });

  it('cannot be sent twice', async () => {
    const answer = later<never>();
    const register = vi.fn(() => answer.promise);
    const { user } = await open(server({ register }));
    fillIn(typed);
    await user.type(screen.getByLabelText('Password'), '{Enter}{Enter}');
    await user.click(create());
    expect(register).toHaveBeenCalledTimes(1);
  });

  it('says how strong the password is, giving nothing for the name', async () => {
    await open();
    fillIn({ Name: 'marianne', Password: 'marianne1' });
    expect(screen.getByText(/easy to guess/)).toBeTruthy();
    fillIn({ Password: 'marianne-sails-at-dawn' });
    expect(screen.getByText(/This one is strong/)).toBeTruthy();
  });
});

it('makes one invitation also where effects run twice', async () => {
  const createInvite = vi.fn(async () => invite);
  const leave = vi.fn();
  const { user } = show(
    <StrictMode>
      <InviteDialog onClose={leave} />
    </StrictMode>,
    { createInvite },
  );
  expect(await screen.findByLabelText('Invitation link')).toBeTruthy();
  expect(createInvite).toHaveBeenCalledTimes(1);
  await user.click(screen.getByRole('button', { name: 'Done' }));
  expect(leave).toHaveBeenCalledTimes(1);
});

describe('what fails after the account is there', () => {
  it('warns that the name was not saved, and still shows the invitation', async () => {
    const setWorkspace = vi.fn(() => Promise.reject(refusal('overloaded', 'too busy')));
    const { user } = await open(server({ setWorkspace }));
    fillIn(typed);
    await user.click(create());
    const dialog = within(await screen.findByRole('dialog', { name: 'Invite people' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('name and colour were not saved: Too busy.');
    expect(await dialog.findByLabelText('Invitation link')).toBeTruthy();
  });

  it('offers to make the invitation again', async () => {
    const createInvite = vi.fn(async () => invite).mockRejectedValueOnce(refusal('network', 'no answer'));
    const { user } = await open(server({ createInvite }));
    fillIn(typed);
    await user.click(create());
    const dialog = within(await screen.findByRole('dialog', { name: 'Invite people' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('The invitation could not be made.');
    await user.click(dialog.getByRole('button', { name: 'Try again' }));
    expect(await dialog.findByLabelText('Invitation link')).toBeTruthy();
    expect(dialog.queryByRole('alert')).toBeNull();
  });
});

describe('a set-up link that does not work', () => {
  it('says what to do when the server does not know it', async () => {
    const setup = vi.fn(() => Promise.reject(refusal('not_found', 'no such link')));
    show(<EntryScreens path="/setup" />, server({ setup }), { path: '/setup#wrong' });
    expect(await screen.findByRole('heading', { name: 'This set-up link does not work' })).toBeTruthy();
    expect(screen.getByText('parley user add NAME')).toBeTruthy();
    expect(screen.getByText(/start it\s+again/)).toBeTruthy();
  });

  it('asks nobody when it has no code', async () => {
    const answers = server();
    show(<EntryScreens path="/setup" />, answers, { path: '/setup' });
    expect(await screen.findByRole('heading', { name: 'This set-up link does not work' })).toBeTruthy();
    expect(answers.setup).not.toHaveBeenCalled();
  });

  it('leads to sign-in where the workspace is set up', async () => {
    const answers = server({ workspace: async () => workspace });
    const { user } = show(<EntryScreens path="/setup" />, answers, { path: `/setup#${code}` });
    expect(await screen.findByRole('heading', { name: 'Tidewater is set up already' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(location.pathname).toBe('/signin');
    expect(answers.setup).not.toHaveBeenCalled();
  });

  it('is checked again when the server did not answer', async () => {
    const setup = vi.fn(server().setup).mockRejectedValueOnce(refusal('network', 'no answer'));
    const { user } = show(<EntryScreens path="/setup" />, server({ setup }), { path: `/setup#${code}` });
    await user.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('heading', { name: 'Set up your workspace' })).toBeTruthy();
  });
});
