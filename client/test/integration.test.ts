import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';
import { type Client, createClient, type Entry, type MessageEntry } from '../src/index.ts';
import { presence } from '../src/presence.ts';
import { rest } from '../src/rest.ts';
import { Server } from './server.ts';

let server: Server;
const clients: Client[] = [];

beforeAll(async () => {
  server = await Server.build('ann', 'bob');
  await server.start();
}, 120_000);

afterEach(() => {
  for (const client of clients.splice(0)) client.stop();
});

afterAll(() => server.remove());

async function connect(name: string): Promise<Client> {
  const token = await server.token(name);
  const client = createClient({
    base: server.base,
    token: async () => token,
    WebSocket: NodeSocket as unknown as typeof WebSocket,
  });
  presence(client);
  clients.push(client);
  client.start();
  return client;
}

/** until waits for a condition on the state. */
function until(client: Client, what: string, holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`never: ${what}\n${JSON.stringify(client.getState(), null, 1).slice(0, 4000)}`)),
      12_000,
    );
    const check = () => {
      if (!holds()) return;
      clearTimeout(late);
      stop();
      resolve();
    };
    const stop = client.subscribe(check);
    check();
  });
}

const messages = (client: Client, room: string): MessageEntry[] =>
  (client.getState().rooms[room]?.entries ?? []).filter((e: Entry): e is MessageEntry => e.kind === 'message');
const contents = (client: Client, room: string) => messages(client, room).map((m) => m.content);
const connected = (client: Client) =>
  until(client, 'connected', () => client.getState().rooms.general?.sync.stream === 'live');

test('what is said through kill -9 of the server is there once, for everyone, in one order', async () => {
  const [ann, bob] = await Promise.all([connect('ann'), connect('bob')]);
  await Promise.all([connected(ann), connected(bob)]);
  await Promise.all([ann.open('general'), bob.open('general')]);
  bob.setVisible(true);

  ann.send('general', 'one');
  await until(bob, 'bob sees one', () => contents(bob, 'general').includes('one'));
  expect(ann.getState().me).toMatchObject({ name: 'ann', kind: 'member' });

  const said = ['one'];
  for (let i = 0; i < 40; i++) said.push(`before ${i}`);
  for (const text of said.slice(1)) ann.send('general', text);
  await server.kill(); // with an unknown number of them stored, acked or neither
  await until(ann, 'the cut', () => ann.getState().status !== 'connected');
  expect(ann.getState().retryAt === null || ann.getState().retryAt! > 0).toBe(true);
  for (let i = 0; i < 5; i++) {
    said.push(`while away ${i}`);
    ann.send('general', `while away ${i}`);
  }
  await server.start();

  const all = (c: Client) => messages(c, 'general').filter((m) => m.state === 'sent').length === said.length;
  await until(ann, 'all of it with ann', () => all(ann));
  await until(bob, 'all of it with bob', () => all(bob));
  expect([...contents(ann, 'general')].sort()).toEqual([...said].sort());
  expect(contents(bob, 'general')).toEqual(contents(ann, 'general'));
  const late = await connect('bob');
  await connected(late);
  await late.open('general');
  expect(contents(late, 'general')).toEqual(contents(ann, 'general').slice(-50));
  expect(messages(ann, 'general').map((m) => m.seq)).toEqual(said.map((_, i) => i + 1));
  expect(ann.getState().rooms.general!.unread).toBe(0);
  await until(bob, 'bob has read all', () => bob.getState().rooms.general!.sync.serverReadN === said.length);
});

test('the heartbeat: a frame of the type ping gets an answer, and nobody else hears of it', async () => {
  const socket = new NodeSocket(`${server.base.replace('http', 'ws')}ws?token=${await server.token('ann')}`, [
    'parley.v1',
  ]);
  const heard: { type: string; ref?: string }[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send('{"type":"ping"}'));
    socket.on('message', (data) => {
      heard.push(JSON.parse(String(data)) as { type: string });
      if (heard.at(-1)!.type === 'error') resolve();
    });
  });
  socket.close();
  expect(heard).toMatchObject([{ type: 'welcome' }, { type: 'error', code: 'invalid', ref: 'ping' }]);
});

test('a room that somebody makes, its topic and its people', async () => {
  const [ann, bob] = await Promise.all([connect('ann'), connect('bob')]);
  await Promise.all([connected(ann), connected(bob)]);
  await rest(ann).createRoom({ name: 'cranes', topic: 'Cranes' });
  await ann.open('cranes');
  await bob.refreshRooms();
  expect(bob.getState().roomNames).toContain('cranes');
  await bob.open('cranes');
  await until(ann, 'both are in the room', () => ann.getState().rooms.cranes!.users.join() === 'ann,bob');
  bob.typing('cranes');
  await until(ann, 'bob types', () => ann.getState().rooms.cranes!.typing.join() === 'bob');
  bob.send('cranes', 'hello');
  await until(ann, 'his message', () => contents(ann, 'cranes').includes('hello'));
  expect(ann.getState().rooms.cranes).toMatchObject({ typing: [], topic: 'Cranes', unread: 1 });
  ann.setVisible(true);
  const other = await connect('ann');
  await until(
    other,
    'it is read on her other device',
    () => other.getState().rooms.cranes?.unread === 0 && other.getState().rooms.cranes!.readVersion > 0,
  );
  await expect(ann.open('nowhere')).rejects.toMatchObject({ code: 'not_found' });
});
