import type { RestMessage } from '@parley-chat/client/rest';
import { act, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { draw, fakeClient } from '../testing';
import { heardBy, useNow } from './now';

const told = (over: Partial<RestMessage> = {}): RestMessage => ({
  room: 'general',
  id: 'm1',
  seq: 1,
  n: 1,
  user: 'bob',
  user_id: 'u-bob',
  content: 'first',
  timestamp: '2026-06-03T12:00:00Z',
  client_id: 'c1',
  ...over,
});

function Shown({ message }: { message: RestMessage }) {
  const { content, deleted, replies } = useNow(message);
  return <p data-testid="shown">{`${content}${deleted ? ' gone' : ''} ${replies?.count ?? 0}`}</p>;
}

let client: ReturnType<typeof fakeClient>;
beforeEach(() => {
  client = fakeClient();
  heardBy(client.as);
});

const shown = () => screen.getAllByTestId('shown').at(-1)?.textContent;
const change = (kind: string, data: Record<string, unknown> = {}, isNew = true) =>
  act(() => client.hear({ type: 'change', room: 'general', kind, message: 'm1', data }, isNew));
const edit = (content: string, edited: string) => change('edit', { content, edited });

test('what is edited and then deleted shows as that', () => {
  draw(client, <Shown message={told()} />);
  expect(shown()).toBe('first 0');
  edit('second', '2026-06-03T12:01:00Z');
  expect(shown()).toBe('second 0');
  change('edit', { content: 'replayed', edited: '2026-06-03T12:00:30Z' }, false);
  expect(shown()).toBe('second 0');
  change('delete');
  expect(shown()).toBe(' gone 0');
  change('react', { deleted: true });
  edit('late', '2026-06-03T12:02:00Z');
  expect(shown()).toBe(' gone 0');
});

test('what was heard before an answer came holds for it, unless the answer knows of a later edit', () => {
  edit('second', '2026-06-03T12:01:00.5Z');
  draw(client, <Shown message={told()} />);
  expect(shown()).toBe('second 0');
  draw(client, <Shown message={told({ content: 'third', edited: '2026-06-03T12:01:01Z' })} />);
  expect(shown()).toBe('third 0');
});

test('replies are counted at their root', () => {
  const replies = (count: number) => ({ count, last_seq: 9, last: '2026-06-03T12:00:00Z', users: [] });
  draw(client, <Shown message={told({ replies: replies(1) })} />);
  const reply = { type: 'message', room: 'general', thread: 'm1', replies: replies(2) };
  act(() => client.hear(reply));
  expect(shown()).toBe('first 2');
  act(() => client.hear({ type: 'change', room: 'general', kind: 'delete', message: 'r1', data: { thread: 'm1' } }));
  expect(shown()).toBe('first 0');
});

test('after a reset of its room a message is what the answers say, but what was deleted stays so; another person begins anew', () => {
  edit('second', '2026-06-03T12:01:00Z');
  draw(client, <Shown message={told()} />);
  act(() => client.hear({ type: 'reset', room: 'general' }));
  expect(shown()).toBe('first 0');
  change('delete');
  act(() => client.hear({ type: 'reset', room: 'general' }));
  expect(shown()).toBe(' gone 0');
  act(() => client.hear({ type: 'welcome', user_id: 'u-eve' }));
  expect(shown()).toBe('first 0');
});
