import { ApiError } from '@parley-chat/client';
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { draw, fakeClient, state } from '../chat/testing';
import { App } from './App';
import { learnHost } from './host';
import { navigate } from './router';

const refused = () => new ApiError('no session', 'unauthenticated', 401);
const workspace = { name: 'Tidewater', hue: 212, set_up: true, registration: 'invite' as const, guests: false };

vi.mock('../entry', () => ({ EntryScreens: ({ path }: { path: string }) => <p>entry {path}</p> }));
vi.mock('../chat/Chat', () => ({ Chat: ({ room }: { room: string | null }) => <p>chat {room}</p> }));

function client(api: object) {
  const fake = fakeClient();
  Object.assign(fake.as, { api: { ask: () => new Promise(() => {}), ...api } });
  return fake;
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  navigate('/rooms/help');
});

describe('whoever comes to the page', () => {
  it('sees the room when the session lives, and the client is started once', async () => {
    const fake = client({ me: vi.fn(async () => ({})) });
    draw(fake, <App />);
    await screen.findByText('chat help');
    act(() => navigate('/rooms/general'));
    await screen.findByText('chat general');
    expect(fake.start).toHaveBeenCalledOnce();
  });

  it('goes to sign in without a session, and comes in once a form has signed them in', async () => {
    const me = vi.fn().mockRejectedValueOnce(refused()).mockRejectedValueOnce(refused()).mockResolvedValue({});
    const fake = client({ me, workspace: async () => workspace });
    draw(fake, <App />);
    await screen.findByText('entry /signin');
    expect(location.pathname).toBe('/signin');
    await waitFor(() => expect(me).toHaveBeenCalledTimes(2));
    expect(fake.start).not.toHaveBeenCalled();
    act(() => navigate('/rooms/general'));
    await screen.findByText('chat general');
    expect(fake.start).toHaveBeenCalledOnce();
    act(() => navigate('/'));
    await screen.findByText('chat'); // where they once wanted to go is not where they are taken later
  });

  it('is taken to where they were going, once a form has signed them in, and that once', async () => {
    navigate('/rooms/help/message-7');
    const me = vi.fn().mockRejectedValueOnce(refused()).mockRejectedValueOnce(refused()).mockResolvedValue({});
    draw(client({ me, workspace: async () => workspace }), <App />);
    await screen.findByText('entry /signin');
    await waitFor(() => expect(me).toHaveBeenCalledTimes(2));
    act(() => navigate('/', { replace: true }));
    await screen.findByText('chat help');
    expect(location.pathname).toBe('/rooms/help/message-7');
    act(() => navigate('/'));
    await screen.findByText('chat');
    expect(location.pathname).toBe('/');
  });

  it('is told of the link when the server has not been set up', async () => {
    draw(
      client({ me: () => Promise.reject(refused()), workspace: async () => ({ ...workspace, set_up: false }) }),
      <App />,
    );
    await screen.findByText(/has not been set up yet/u);
  });

  it('may still come in as a guest, or register where anybody may, before the server has been set up', async () => {
    const unset = { ...workspace, set_up: false, guests: true, registration: 'open' as const };
    draw(client({ me: () => Promise.reject(refused()), workspace: async () => unset }), <App />);
    await userEvent.click(await screen.findByRole('link', { name: 'Look around as a guest' }));
    await screen.findByText('entry /guest');
    act(() => navigate('/rooms/general'));
    await userEvent.click(await screen.findByRole('link', { name: 'Create the first account' }));
    await screen.findByText('entry /join');
  });

  it('goes to the site that keeps the people, once, and back to where they were', async () => {
    const go = vi.fn();
    vi.stubGlobal('location', {
      ...location,
      pathname: '/rooms/help',
      origin: 'http://site.test',
      host: 'site.test',
      replace: go,
      assign: go,
    });
    try {
      const atSite = { ...workspace, accounts: 'host' as const, sign_in_url: '/login?from=chat' };
      const fake = client({ me: () => Promise.reject(refused()), workspace: async () => atSite });
      const { unmount } = draw(fake, <App />);
      await waitFor(() => expect(go).toHaveBeenCalledWith('http://site.test/login?from=chat&next=%2Frooms%2Fhelp'));
      unmount();
      const again = draw(fake, <App />);
      await userEvent.click(await screen.findByRole('button', { name: 'Sign in' }));
      expect(go).toHaveBeenCalledTimes(2);
      again.unmount();
    } finally {
      vi.unstubAllGlobals();
      learnHost({ accounts: 'own' });
      sessionStorage.clear();
    }
  });

  it('can try again when the server does not answer', async () => {
    const me = vi.fn().mockRejectedValueOnce(new TypeError('Failed to fetch')).mockResolvedValue({});
    draw(client({ me }), <App />);
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    await screen.findByText('chat help');
  });

  it('has no use for the form when the session lives', async () => {
    navigate('/signin');
    draw(client({ me: async () => ({}) }), <App />);
    await screen.findByText(/^chat/u);
    expect(location.pathname).toBe('/');
  });

  it('is told when the session ends, and can sign in again', async () => {
    const fake = client({ me: async () => ({}) });
    draw(fake, <App />);
    await screen.findByText('chat help');
    act(() => fake.set(state({ status: 'signed_out', ended: { code: 4002, reason: 'session revoked' } })));
    expect(screen.queryByText('chat help')).toBeNull();
    expect(screen.getByRole('heading', { name: 'You have been signed out' })).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Sign in again' }));
  });
});
