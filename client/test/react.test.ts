// @vitest-environment jsdom
import { createElement, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Client, createClient } from '../src/index.ts';
import { ParleyProvider, type RoomActions, type RoomView, useParley, useRoom } from '../src/react.ts';
import { fakeServer, greet, message, welcomeRoom } from './fake.ts';

let server: ReturnType<typeof fakeServer>;
let client: Client;
let root: Root;
const seen: Record<string, RoomView & RoomActions> = {};
const rooms = { rooms: [welcomeRoom(), welcomeRoom({ room: 'random', room_id: 'r-random' })] };

beforeEach(() => {
  server = fakeServer();
  client = createClient({ base: 'https://chat.example/', WebSocket: server.WebSocket, fetch: server.fetch });
  root = createRoot(document.body.appendChild(document.createElement('div')));
});

afterEach(() => {
  root.unmount();
  document.body.replaceChildren();
});

function Room({ name }: { name: string }) {
  seen[name] = useRoom(name);
  return createElement('p', null, `${name}: ${seen[name].messages.map((m) => m.content).join(' ')}`);
}
const Count = () => createElement('b', null, `${useParley((s) => s.roomNames.length)} rooms`);
const text = () => document.body.textContent;

function draw(...names: string[]): void {
  const children = [
    ...names.map((name) => createElement(Room, { key: name, name })),
    createElement(Count, { key: '' }),
  ];
  root.render(createElement(StrictMode, null, createElement(ParleyProvider, { client }, children)));
}

async function connected(): Promise<void> {
  await vi.waitFor(() => expect(server.sockets.length).toBeGreaterThan(0));
  greet(server.sockets.at(-1)!, rooms);
  await vi.waitFor(() => expect(text()).toContain('2 rooms'));
}

test('two components, one socket, each with the messages of its own room, also in strict mode', async () => {
  draw('general', 'random');
  await connected();
  server.sockets[0]!.hear(message(1));
  server.sockets[0]!.hear(message(1, { room: 'random', content: 'elsewhere' }));
  await vi.waitFor(() => expect(text()).toContain('random: elsewhere'));
  expect(text()).toContain('general: text 1');
  expect(server.sockets).toHaveLength(1);
  draw('general');
  await vi.waitFor(() => expect(client.getState().open).toBe('general'));
  draw();
  await vi.waitFor(() => expect(client.getState().status).toBe('disconnected'));
});

test('what does not change keeps its identity, and what can be done too', async () => {
  draw('general');
  await connected();
  server.sockets[0]!.hear(message(1));
  await vi.waitFor(() => expect(text()).toContain('text 1'));
  const before = seen.general!;
  server.sockets[0]!.hear({ type: 'typing', room: 'general', user: 'bob', user_id: 'b' });
  await vi.waitFor(() => expect(seen.general!.typing).toEqual(['bob']));
  expect(seen.general!.messages).toBe(before.messages);
  expect(seen.general!.send).toBe(before.send);
});

test('a room that is not there says why; without a provider the component fails with words', async () => {
  draw('nowhere');
  expect(text()).toBe('');
  await vi.waitFor(() => expect(seen.nowhere?.error).toBe('there is nothing here'));
  expect(seen.nowhere).toMatchObject({ room: null, loading: false, messages: [] });
  const bare = createRoot(document.createElement('div'), {
    onUncaughtError: (err) => {
      failed = err;
    },
  });
  let failed: unknown;
  bare.render(createElement(Room, { name: 'general' }));
  await vi.waitFor(() => expect(String(failed)).toContain('no ParleyProvider'));
});
