import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { parseFrame } from '../src/protocol.ts';
import { initial, reduce } from '../src/reduce.ts';
import { world } from './fake.ts';

const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```json server\n(.*?)\n```/gs)].map((m) => m[1]!);
const exchanged = [...text.matchAll(/^\w+ < (\{.*\})$/gm)].map((m) => m[1]!).filter((line) => !line.includes(',...}'));
const problems = [...text.matchAll(/```json problem\n(.*?)\n```/gs)].map((m) => m[1]!);

test('every frame that the reference shows is read whole', () => {
  const types = new Set<string>();
  const others = new Set<string>();
  for (const line of [...examples, ...exchanged]) {
    const frame = parseFrame(line);
    if (typeof frame !== 'string' && frame.type === 'other') others.add(frame.frame.type);
    else {
      expect(frame, line).toEqual(JSON.parse(line));
      types.add((JSON.parse(line) as { type: string }).type);
    }
  }
  expect([...types].sort()).toEqual([
    'ack',
    'auth',
    'change',
    'error',
    'goodbye',
    'message',
    'read',
    'reset',
    'room_added',
    'room_removed',
    'room_renamed',
    'skip',
    'subscribed',
    'welcome',
  ]);
  expect(others, 'what other parts read').toContain('typing');
  expect(exchanged.length).toBeGreaterThan(20);
});

test('every frame that the reference shows is handled, by a room that knows nothing and by one that is in step', () => {
  let state = initial;
  const frames = [...examples, ...exchanged].map((line) => parseFrame(line));
  for (let round = 0; round < 2; round++) {
    for (const frame of frames) if (typeof frame !== 'string') state = reduce(state, { type: 'frame', frame, now: 0 });
  }
  expect(state.rooms.general!.lastN).toBeGreaterThan(0);
});

test('a frame that lacks any one of its fields, or has another kind of value there, breaks nothing', () => {
  const ignored: string[] = [];
  for (const line of examples) {
    const whole = JSON.parse(line) as Record<string, unknown>;
    for (const key of Object.keys(whole)) {
      for (const value of [undefined, null, '', 'x', -1, 1.5, 1e300, true, [], [null], {}]) {
        const frame = parseFrame(JSON.stringify({ ...whole, [key]: value }));
        if (typeof frame === 'string') ignored.push(frame);
        else
          expect(() =>
            reduce(reduce(initial, { type: 'frame', frame, now: 0 }), { type: 'frame', frame, now: 0 }),
          ).not.toThrow();
      }
    }
  }
  expect(ignored.length).toBeGreaterThan(500);
});

test('a problem document is an ApiError with its code', async () => {
  expect(problems.length).toBeGreaterThan(0);
  for (const body of problems) {
    const w = world();
    w.routes['GET /api/rooms/nowhere'] = () => ({ status: 404, body, headers: { 'Retry-After': '2' } });
    await expect(w.client.api.room('nowhere')).rejects.toMatchObject({
      code: 'not_found',
      status: 404,
      message: 'there is no such room',
      retryAfter: 2000,
    });
  }
});

test('no answer at all, and an answer of something else, are ApiErrors too', async () => {
  const w = world({ fetch: vi.fn(async () => Promise.reject(new TypeError('failed to fetch'))) });
  await expect(w.client.api.rooms()).rejects.toMatchObject({ name: 'ApiError', code: 'network', status: 0 });
  const v = world({ fetch: vi.fn(async () => new Response('<!doctype html>')) });
  await expect(v.client.api.rooms()).rejects.toMatchObject({ name: 'ApiError', code: 'internal' });
  await expect(v.client.api.messages('general')).rejects.toMatchObject({ name: 'ApiError' });
});
