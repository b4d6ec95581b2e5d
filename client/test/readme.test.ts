// @vitest-environment jsdom
/** Runs the examples at the head of the README, word for word, against a server that is played here. */
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApp } from 'vue';
import { ack, type FakeSocket, fakeServer, greet, message } from './fake.ts';

let server: ReturnType<typeof fakeServer>;

beforeEach(() => {
  server = fakeServer();
  vi.stubGlobal('WebSocket', server.WebSocket);
  vi.stubGlobal('fetch', server.fetch);
});

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

const input = () => document.querySelector('input')!;
const text = () => document.body.textContent;

/** type puts text into the input as a person does. */
function type(value: string): void {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(input(), value);
  input().dispatchEvent(new Event('input', { bubbles: true }));
}

async function connected(): Promise<FakeSocket> {
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  const [socket] = server.sockets;
  greet(socket!);
  await vi.waitFor(() => expect(server.asked.map((a) => a.path)).toContain('/api/messages?room=general&page=1'));
  return socket!;
}

/** talks hears a message and says one. */
async function talks(socket: FakeSocket): Promise<void> {
  socket.hear(message(1, { content: 'hello' }));
  await vi.waitFor(() => expect(text()).toContain('bob: hello'));
  type('good day');
  document.querySelector('form')!.requestSubmit();
  await vi.waitFor(() => expect(text()).toContain('ann: good day'));
  await vi.waitFor(() => expect(input().value).toBe(''));
  const [sent] = socket.of('message');
  expect(sent).toMatchObject({ room: 'general', content: 'good day' });
  socket.hear(ack(sent!.client_id, 2));
}

test('a plain page', async () => {
  const { default: markup } = await import('readme:markup' as string);
  document.body.innerHTML = markup;
  // A browser makes globals of ids. They stay, as the example never stops listening.
  for (const id of ['list', 'form', 'text']) Object.assign(globalThis, { [id]: document.getElementById(id) });
  await import('readme:plain' as string);
  await talks(await connected());
});

test('React', async () => {
  const { default: Chat } = await import('readme:react' as string);
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  root.render(createElement(Chat));
  const socket = await connected();
  await talks(socket);
  expect(text()).toContain('connected');
  expect(socket.of('typing')).toHaveLength(1);
  root.unmount();
  await vi.waitFor(() => expect(socket.closedByClient).toBe(true));
});

test('Vue', async () => {
  const { default: Chat } = await import('readme:vue' as string);
  const app = createApp(Chat);
  app.mount(document.body.appendChild(document.createElement('div')));
  const socket = await connected();
  await talks(socket);
  expect(text()).toContain('connected');
  expect(socket.of('typing')).toHaveLength(1);
  app.unmount();
  await vi.waitFor(() => expect(socket.closedByClient).toBe(true));
});
