import type { RestMessage } from '@parley-chat/client/rest';
import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { draw, fakeClient, room, state } from '../chat/testing';
import { CatchUp } from './CatchUp';
import { Inbox } from './Inbox';
import { Mentions } from './Mentions';
import { merged, pause } from './pages';
import { Saved } from './Saved';

vi.mock('../chat/useMedia', () => ({ useMedia: () => false }));

const told = (id: string, over: Partial<RestMessage> = {}): RestMessage => ({
  room: 'general',
  id,
  seq: 1,
  n: 1,
  user: 'bob',
  user_id: 'u-bob',
  content: `text of ${id}`,
  timestamp: '2026-06-03T12:00:00Z',
  client_id: id,
  ...over,
});
const thread = (id: string) => ({ room: 'general', root: told(id), read_seq: 0, unread: 0, following: true });

let client: ReturnType<typeof fakeClient>;
/** What the server answers, by path. */
let answers: Record<string, unknown>;
const asked = (path: string) => client.api.ask.mock.calls.filter((call: unknown[]) => call[1] === path).length;

beforeEach(() => {
  vi.useFakeTimers();
  Element.prototype.scrollIntoView = () => {}; // jsdom has none
  client = fakeClient(state({ rooms: { general: room({ role: 'member' }) } }));
  answers = {};
  client.api.ask.mockImplementation(async (...of: unknown[]) => {
    const answer = answers[of[1] as string];
    if (answer === undefined) throw new Error('not found');
    return answer;
  });
});
afterEach(() => void vi.useRealTimers());

const settle = (ms = 0) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
const links = () =>
  screen.getAllByRole('link').map((link) => link.textContent?.match(/(text of (?:now|[a-c])|This message)/)?.[0]);
const change = (kind: string, message: string, data: Record<string, unknown> = {}) =>
  act(() => client.hear({ type: 'change', room: 'general', kind, message, data }));

describe.each([
  ['Saved', Saved, 'api/saved', (ids: string[]) => ({ messages: ids.map((id) => told(id)) })],
  ['Mentions', Mentions, 'api/mentions', (ids: string[]) => ({ messages: ids.map((id) => told(id)) })],
  ['Threads', Inbox, 'api/threads', (ids: string[]) => ({ threads: ids.map((id) => thread(id)), unread_total: 0 })],
])('%s', (_, View, path, answer) => {
  const opened = async () => {
    answers[path] = answer(['b', 'a']);
    draw(client, <View inert={false} />);
    await settle();
  };

  it('shows what is edited, and of what is deleted nothing, without asking again', async () => {
    await opened();
    change('edit', 'a', { content: 'text of now', edited: '2026-06-03T13:00:00Z' });
    expect(links()).toEqual(['text of b', 'text of now']);
    change('delete', 'a');
    expect(links()).toEqual(['text of b', 'This message']);
    await settle(pause);
    expect(asked(path)).toBe(1);
  });

  it('asks once for what came in a burst, puts it first, and keeps the focus', async () => {
    await opened();
    screen.getAllByRole('link')[1]?.focus();
    const focused = document.activeElement;
    answers[path] = answer(['c', 'a', 'b']);
    act(() => {
      for (let i = 0; i < 5; i++) client.hear({ type: 'reset', room: 'general' });
    });
    expect(asked(path)).toBe(1);
    await settle(pause);
    expect(asked(path)).toBe(2);
    expect(links()).toEqual(['text of c', 'text of b', 'text of a']);
    expect(document.activeElement).toBe(focused);
  });
});

it('Mentions looks for what names me, and not when something is read', async () => {
  answers['api/mentions'] = { messages: [told('a')] };
  draw(client, <Mentions inert={false} />);
  await settle();
  act(() => {
    client.hear({ type: 'message', room: 'general', mentions: ['u-bob'] });
    client.set(state({ rooms: { general: room({ mentions: 0, readN: 9 }) } }));
  });
  await settle(pause);
  expect(asked('api/mentions')).toBe(1);
  act(() => client.hear({ type: 'message', room: 'general', mentions: ['u-ann'] }));
  await settle(pause);
  expect(asked('api/mentions')).toBe(2);
});

it('what is taken off the list of what was saved hands the focus on', async () => {
  answers['api/saved'] = { messages: [told('b'), told('a')] };
  answers['api/rooms/general/messages/b/saved'] = null;
  answers['api/rooms/general/messages/a/saved'] = null;
  draw(client, <Saved inert={false} />);
  await settle();
  const off = () => screen.getAllByRole('button', { name: 'Take it off the list' });
  off()[0]?.focus();
  fireEvent.click(off()[0] as HTMLElement);
  expect(links()).toEqual(['text of a']);
  expect(document.activeElement).toBe(off()[0]);
  act(() =>
    client.hear({ type: 'other', frame: { type: 'saved', room: 'general', message: 'a', saved: false } }, false),
  );
  expect(screen.queryAllByRole('link')).toEqual([]);
  await settle(pause);
  expect(asked('api/saved')).toBe(1);
});

it('a page that was read again takes the place of a list with nothing in common, and else adds to it', () => {
  const part = (of: string, next?: string) => ({ items: [...of], next });
  const key = (item: string) => item;
  expect(merged(part('cba', 'a'), part('dcb', 'b'), key)).toEqual(part('dcba', 'a'));
  expect(merged(part('cba', 'a'), part('zyx', 'x'), key)).toEqual(part('zyx', 'x'));
  expect(merged(part('cba', 'a'), part('db'), key)).toEqual(part('db'));
  expect(merged(part('cba'), part('dcb', 'b'), key)).toEqual(part('dcba'));
});

describe('catch-up', () => {
  const news = (unread: number) =>
    state({ rooms: { general: room({ unread, readN: 0, lastN: unread, role: 'member' }) }, open: null });
  const messages = vi.fn(async () => ({ messages: [told('a')] }));
  const opened = async () => {
    messages.mockClear();
    Object.assign(client.api, { messages });
    client.set(news(1));
    draw(client, <CatchUp narrow={false} onMenu={() => {}} />);
    await settle();
  };

  it('shows what is edited, and of what is deleted nothing', async () => {
    await opened();
    expect(screen.getByText('text of a')).toBeDefined();
    change('edit', 'a', { content: 'better', edited: '2026-06-03T13:00:00Z' });
    expect(screen.getByText('better')).toBeDefined();
    change('delete', 'a');
    expect(screen.queryByText('better')).toBeNull();
  });

  it('asks once for what comes in a burst', async () => {
    await opened();
    for (let unread = 2; unread < 30; unread++) {
      act(() => client.set(news(unread)));
    }
    await settle(pause);
    expect(messages).toHaveBeenCalledTimes(2);
  });

  it('hands the focus on when its last card goes', async () => {
    await opened();
    const card = screen.getByRole('region', { name: /^What is new in/ });
    expect(document.activeElement).toBe(card);
    fireEvent.keyDown(card, { key: 'e' });
    expect(client.seen).toHaveBeenCalledWith('general');
    act(() => client.set(news(0)));
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'You have seen everything' }));
  });
});
