// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, effectScope, h, nextTick, ref } from 'vue';
import { type Client, createClient } from '../src/index.ts';
import { parley, type RoomActions, type RoomRefs, useRoom } from '../src/vue.ts';
import { fakeServer, greet, message, welcomeRoom } from './fake.ts';

let server: ReturnType<typeof fakeServer>;
let client: Client;
let app: App;
let seen: RoomRefs & RoomActions;
const name = ref('general');
const rooms = { rooms: [welcomeRoom(), welcomeRoom({ room: 'random', room_id: 'r-random' })] };
const text = () => document.body.textContent;

beforeEach(() => {
  name.value = 'general';
  server = fakeServer();
  client = createClient({ base: 'https://chat.example/', WebSocket: server.WebSocket, fetch: server.fetch });
  app = createApp({
    setup() {
      // biome-ignore lint/correctness/useHookAtTopLevel: Vue's rules are other ones than React's
      seen = useRoom(name);
      return () => h('p', `${name.value}: ${seen.messages.value.map((m) => m.content).join(' ')}`);
    },
  });
});

afterEach(() => {
  client.stop();
  document.body.replaceChildren();
});

async function connected(): Promise<void> {
  await vi.waitFor(() => expect(server.sockets.length).toBeGreaterThan(0));
  greet(server.sockets.at(-1)!, rooms);
  await vi.waitFor(() => expect(seen.room.value?.sync.paged).toBe(true));
}

test('the room follows the name, on one socket, and is closed when the component goes', async () => {
  app.use(parley(client)).mount(document.body.appendChild(document.createElement('div')));
  await connected();
  server.sockets[0]!.hear(message(1));
  server.sockets[0]!.hear({ type: 'online_users', room: 'general', users: ['ann', 'bob'], count: 2 });
  await vi.waitFor(() => expect(text()).toBe('general: text 1'));
  expect([seen.status.value, seen.members.value, seen.online.value]).toEqual(['connected', ['ann', 'bob'], 2]);
  name.value = 'random';
  await nextTick();
  expect(client.getState().open).toBe('random');
  seen.send('over here');
  expect(server.sockets[0]!.of('message')).toMatchObject([{ room: 'random', content: 'over here' }]);
  await vi.waitFor(() => expect(text()).toBe('random: over here'));
  app.unmount();
  await vi.waitFor(() => expect(client.getState().status).toBe('disconnected'));
  expect(server.sockets).toHaveLength(1);
});

test('outside of components a scope holds the room', async () => {
  const scope = effectScope();
  seen = scope.run(() => useRoom('general', client))!;
  await connected();
  scope.stop();
  await vi.waitFor(() => expect(client.getState().status).toBe('disconnected'));
});

test('a room that is not there says why, and so does a missing plugin', async () => {
  name.value = 'nowhere';
  const failed = vi.fn();
  app.config.errorHandler = failed;
  app.config.warnHandler = () => {};
  app.mount(document.createElement('div'));
  expect(String(failed.mock.calls[0]![0])).toContain('app.use(parley(client))');
  const scope = effectScope();
  seen = scope.run(() => useRoom(name, client))!;
  await vi.waitFor(() => expect(seen.error.value).toBe('there is nothing here'));
  expect([seen.room.value, seen.loading.value]).toEqual([null, false]);
  scope.stop();
});
