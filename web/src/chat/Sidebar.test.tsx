import type { State } from '@parley-chat/client';
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import { useState } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientProvider } from '../app/client';
import { ConnectionLine } from './Header';
import { Sidebar } from './Sidebar';
import { draw, fakeClient, room, state } from './testing';

const two = () =>
  state({
    rooms: { general: room({ unread: 3, online: 2, users: ['ann', 'bob'] }), help: room({ name: 'help' }) },
    roomNames: ['general', 'help'],
    people: {
      b: { id: 'b', name: 'bob', display: 'Bob', kind: 'member', role: 'member', disabled: false, avatar: null },
    },
  });

const side = <Sidebar room="help" catchUp={false} narrow={false} open={false} onClose={() => {}} onOver={() => {}} />;

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
});

describe('the sidebar', () => {
  it('names each room, what is unread in it, and who is there', () => {
    draw(fakeClient(two()), side);
    const rooms = within(screen.getByRole('navigation', { name: 'Rooms' }));
    expect(rooms.getAllByRole('link').map((link) => link.getAttribute('aria-label'))).toEqual([
      'general, 3 unread',
      'help',
    ]);
    expect(rooms.getByRole('link', { name: 'help' }).getAttribute('aria-current')).toBe('page');
    expect(rooms.getByTitle('2 online').textContent).toBe('2');
    expect(within(screen.getByRole('region', { name: 'People online' })).getByText('Bob')).toBeTruthy();
  });

  it('follows what changes', () => {
    const client = fakeClient(two());
    draw(client, side);
    act(() => client.set(state({ rooms: { general: room() }, roomNames: ['general'] })));
    const rooms = within(screen.getByRole('navigation', { name: 'Rooms' }));
    expect(rooms.getAllByRole('link').map((link) => link.getAttribute('aria-label'))).toEqual(['general']);
  });

  it('lets owners and moderators invite, and members make rooms, but no guests', () => {
    const as = (kind: 'member' | 'guest', role: 'owner' | 'moderator' | 'member' | 'guest') => {
      const drawn = draw(
        fakeClient({ ...two(), me: { id: 'u', name: 'ann', display: '', kind, role, email: null, avatar: null } }),
        side,
      );
      const seen = [
        screen.queryByRole('button', { name: 'Invite people' }),
        screen.queryByRole('button', { name: 'New room' }),
      ];
      drawn.unmount();
      return seen.map(Boolean);
    };
    expect(as('member', 'owner')).toEqual([true, true]);
    expect(as('member', 'moderator')).toEqual([true, true]);
    expect(as('member', 'member')).toEqual([false, true]);
    expect(as('guest', 'guest')).toEqual([false, false]);
  });
});

function Narrow() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" data-opens="rooms" onClick={() => setOpen(true)}>
        Menu
      </button>
      <Sidebar room="help" catchUp={false} narrow open={open} onClose={() => setOpen(false)} onOver={() => {}} />
    </>
  );
}

describe('the drawer', () => {
  it('takes the focus, keeps it, and gives it back on Esc', () => {
    render(
      <ClientProvider client={fakeClient(two()).as}>
        <Narrow />
      </ClientProvider>,
    );
    const menu = screen.getByRole('button', { name: 'Menu' });
    menu.focus();
    fireEvent.click(menu);
    const drawer = screen.getByRole('dialog', { name: 'Rooms and people' });
    const current = within(drawer).getByRole('link', { name: 'help' });
    expect(document.activeElement).toBe(current);
    const close = within(drawer).getByRole('button', { name: 'Close' });
    const last = within(drawer).getByRole('button', { name: 'Notifications' });
    last.focus();
    fireEvent.keyDown(last, { key: 'Tab' });
    expect(document.activeElement).toBe(close);
    fireEvent.keyDown(close, { key: 'Tab', shiftKey: true });
    expect(document.activeElement).toBe(last);
    fireEvent.keyDown(last, { key: 'Escape' });
    expect(drawer.hasAttribute('inert')).toBe(true);
    expect(document.activeElement).toBe(menu);

    // Also after a press on what cannot have the focus, which leaves it with the page.
    fireEvent.click(menu);
    (document.activeElement as HTMLElement).blur();
    fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(drawer.hasAttribute('inert')).toBe(true);
    expect(document.activeElement).toBe(menu);
  });
});

describe('the connection', () => {
  const words = (client: ReturnType<typeof fakeClient>, ...list: State['status'][]) =>
    list.map((status) => {
      act(() => client.set(state({ status })));
      return screen.getByRole('status').textContent;
    });

  it('is said in a word, and another once the first attempt is over', () => {
    const client = fakeClient(state({ status: 'connecting' }));
    draw(client, <ConnectionLine />);
    expect(words(client, 'connecting', 'connected', 'disconnected', 'connecting')).toEqual([
      'Connecting',
      'Connected',
      'Reconnecting',
      'Reconnecting',
    ]);
  });

  it('is offline when the device has no network, unless the server answers all the same', () => {
    const network = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    const client = fakeClient();
    draw(client, <ConnectionLine />);
    expect(words(client, 'connected', 'disconnected', 'connecting')).toEqual(['Connected', 'Offline', 'Offline']);
    network.mockReturnValue(true);
    act(() => void window.dispatchEvent(new Event('online')));
    expect(screen.getByRole('status').textContent).toBe('Reconnecting');
  });
});
