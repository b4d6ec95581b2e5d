import { act, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EntryScreens } from '.';
import { later, refusal, show, workspace } from './testing';

const name = () => screen.getByLabelText<HTMLInputElement>('Name or e-mail');
const password = () => screen.getByLabelText<HTMLInputElement>('Password');
const button = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Sign in' });

async function signIn(login: (body: unknown) => Promise<never>, over = {}) {
  const found = show(
    <EntryScreens path="/signin" />,
    { workspace: async () => ({ ...workspace, ...over }), login },
    { path: '/signin' },
  );
  await screen.findByRole('heading', { name: 'Sign in to Tidewater' });
  return found;
}

const done = (async () => ({})) as () => Promise<never>;

afterEach(() => vi.useRealTimers());

describe('signing in', () => {
  it('sends name and password with Enter and goes to the chat', async () => {
    const login = vi.fn(done);
    const { user } = await signIn(login);
    expect(document.activeElement).toBe(name());
    await user.keyboard(' ann ');
    await user.tab();
    await user.keyboard(' spaces count {Enter}');
    await waitFor(() => expect(location.pathname).toBe('/'));
    expect(login.mock.calls).toEqual([[{ name: 'ann', password: ' spaces count ' }]]);
  });

  it('sends an address as such', async () => {
    const login = vi.fn(done);
    const { user } = await signIn(login);
    await user.type(name(), 'ann@example.org');
    await user.type(password(), 'x{Enter}');
    await waitFor(() => expect(login).toHaveBeenCalledWith({ email: 'ann@example.org', password: 'x' }));
  });

  it('says what is missing before it sends anything, and goes to the first field that lacks it', async () => {
    const login = vi.fn(done);
    const { user } = await signIn(login);
    await user.click(button());
    expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([
      'Enter your name or your e-mail address.',
      'Enter your password.',
    ]);
    expect(document.activeElement).toBe(name());
    await user.type(name(), 'ann');
    expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual(['Enter your password.']);
    expect(login).not.toHaveBeenCalled();
  });

  it('tells a wrong password at its field and keeps what was typed', async () => {
    const { user } = await signIn(() =>
      Promise.reject(refusal('unauthenticated', 'the name or the password is wrong')),
    );
    await user.type(name(), 'ann');
    await user.type(password(), 'not-this{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('The name or the password is wrong.');
    expect(password().getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(password());
    expect([name().value, password().value]).toEqual(['ann', 'not-this']);
    expect(location.pathname).toBe('/signin');
  });

  it('tells what concerns no field above the button, which gets the focus back', async () => {
    const { user } = await signIn(() => Promise.reject(refusal('forbidden', 'this account is disabled: ask an owner')));
    await user.type(name(), 'ann');
    await user.type(password(), 'x');
    await user.click(button());
    expect((await screen.findByRole('alert')).textContent).toBe('This account is disabled: ask an owner.');
    await waitFor(() => expect(document.activeElement).toBe(button()));
  });

  it('says so when the server cannot be reached', async () => {
    const { user } = await signIn(() => Promise.reject(new TypeError('Failed to fetch')));
    await user.type(name(), 'ann');
    await user.type(password(), 'x{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('cannot be reached');
  });

  it('cannot be sent twice', async () => {
    const answer = later<never>();
    const login = vi.fn(() => answer.promise);
    const { user } = await signIn(login);
    await user.type(name(), 'ann');
    await user.type(password(), 'x{Enter}{Enter}');
    await user.click(button());
    expect(button().disabled).toBe(true);
    expect(login).toHaveBeenCalledTimes(1);
    await act(async () => answer.refuse(refusal('unauthenticated', 'no')));
    expect(button().disabled).toBe(false);
    await user.type(password(), '{Enter}');
    expect(login).toHaveBeenCalledTimes(2);
  });

  it('counts the seconds until the server takes another try', async () => {
    const login = vi.fn(() => Promise.reject(refusal('rate_limited', 'too many tries', 2500)));
    const { user } = await signIn(login);
    await user.type(name(), 'ann');
    await user.type(password(), 'x');
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    await act(async () => button().click());
    expect(screen.getByRole('alert').textContent).toBe('Too many tries.');
    expect(screen.getByRole('timer').textContent).toContain('3 seconds');
    expect(button().disabled).toBe(true);
    await act(async () => vi.advanceTimersByTime(1600));
    expect(screen.getByRole('timer').textContent).toContain('2 seconds');
    await act(async () => password().form?.requestSubmit());
    expect(login).toHaveBeenCalledTimes(1);
    await act(async () => vi.advanceTimersByTime(1000));
    expect(screen.queryByRole('timer')).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(button().disabled).toBe(false);
  });
});

describe('other ways in', () => {
  it('leads to guest entry while guests are on', async () => {
    const { user } = await signIn(done, { guests: true });
    await user.click(screen.getByRole('link', { name: 'Look around as a guest' }));
    expect(location.pathname).toBe('/guest');
  });

  it.each([
    ['open', /Create an account/, 1],
    ['invite', /Ask somebody here for an invitation link/, 0],
    ['closed', /made by whoever runs this server/, 0],
  ])('with registration %s', async (registration, text, links) => {
    await signIn(done, { registration });
    expect(screen.getByText(text)).toBeTruthy();
    expect(screen.queryAllByRole('link')).toHaveLength(links);
  });

  it('says what to do where nobody has an account yet', async () => {
    show(<EntryScreens path="/signin" />, { workspace: async () => ({ ...workspace, set_up: false }) });
    expect(await screen.findByRole('heading', { name: 'Nobody has an account here yet' })).toBeTruthy();
    expect(screen.queryByLabelText('Password')).toBeNull();
  });
});

it('offers to try again when the workspace cannot be had', async () => {
  const answers = vi.fn(async () => workspace).mockRejectedValueOnce(refusal('network', 'no answer'));
  const { user } = show(<EntryScreens path="/signin" />, { workspace: answers });
  expect((await screen.findByRole('alert')).textContent).toContain('cannot be reached');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Sign in to Tidewater' })).toBeTruthy();
});
