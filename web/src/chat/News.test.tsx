import type { MessageEntry, State } from '@parley-chat/client';
import { act, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesOf, News, newsOf } from './News';
import { draw, fakeClient, message, notice, room, state } from './testing';

const bob = (n: number, over: Partial<MessageEntry> = {}) =>
  message({ n, seq: n, user: 'bob', userId: 'u-bob', ...over });
const withRoom = (entries: State['rooms'][string]['entries'], over: Partial<State> = {}) =>
  state({ rooms: { general: room({ entries, lastN: entries.filter((e) => e.kind === 'message').length }) }, ...over });
const contents = (messages: MessageEntry[]) => messages.map((m) => m.n);

describe('what is read out', () => {
  it('is what others say from now on', () => {
    const next = newsOf('general');
    const was = [bob(1), bob(2)];
    expect(next(withRoom(was))).toEqual([]);
    const mine = message({ n: 3, seq: 3 });
    const now = [...was, mine, notice(), bob(4), bob(5), bob(6, { n: null, state: 'pending' })];
    expect(contents(next(withRoom(now)))).toEqual([4, 5]);
    expect(next(withRoom(now))).toEqual([]);
  });

  it('is not what is loaded, nor what was there before the connection', () => {
    const next = newsOf('general');
    expect(next(withRoom([bob(5)], { status: 'connecting' }))).toEqual([]);
    const known = { rooms: { general: room({ entries: [bob(5)], lastN: 8 }) } };
    expect(next(state(known))).toEqual([]);
    expect(next(state({ rooms: { general: room({ entries: [bob(5), bob(6), bob(7), bob(8)], lastN: 8 }) } }))).toEqual(
      [],
    );
    expect(next(state({ rooms: { general: room({ entries: [bob(1), bob(2), bob(8)], lastN: 8 }) } }))).toEqual([]);
    expect(contents(next(state({ rooms: { general: room({ entries: [bob(8), bob(9)], lastN: 9 }) } })))).toEqual([9]);
  });

  it('is the author and the text, of many their number', () => {
    const people = {
      'u-bob': { id: 'u-bob', name: 'bob', display: 'Bob B.', kind: null, role: null, disabled: false, avatar: null },
    };
    expect(linesOf([bob(1, { content: 'hello' })], people).map((l) => l.text)).toEqual(['Bob B.: hello']);
    expect(linesOf([bob(1, { content: 'hello' })], {}).map((l) => l.text)).toEqual(['bob: hello']);
    const many = [1, 2, 3, 4].map((n) => bob(n, { content: `no. ${n}` }));
    expect(linesOf(many, people).map((l) => l.text)).toEqual(['4 new messages, the last from Bob B.: no. 4']);
    expect(linesOf([bob(1, { content: 'x'.repeat(400) })], people)[0]?.text).toHaveLength('Bob B.: '.length + 301);
  });
});

describe('in the log', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('nothing stands of who is blocked, nor of what was deleted since', () => {
    const client = fakeClient(withRoom([bob(1)]));
    draw(client, <News name="general" />);
    const says = (...entries: MessageEntry[]) => {
      act(() => client.set(withRoom([bob(1), ...entries], { blocked: new Set(['u-eve']) })));
      act(() => void vi.advanceTimersByTime(1000));
      return screen.getByRole('log').textContent;
    };
    const secret = bob(2, { content: 'secret' });
    expect(says(secret)).toBe('bob: secret');
    const eve = bob(3, { userId: 'u-eve', user: 'eve', content: 'psst' });
    expect(says(secret, eve, bob(4, { content: 'hi' }))).toBe('bob: secretbob: hi');
    const gone: MessageEntry = { ...secret, content: '', deleted: true };
    expect(says(gone, eve, bob(4))).toBe('bob: hi');
  });
});
