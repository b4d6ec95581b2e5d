import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from './test.ts';

/** A page of somebody else's on another port of this host: for cookies that is the same site. */
async function neighbour(): Promise<HttpServer> {
  const server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Kittens</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('attacks 26 and 45: a page on a neighbouring port neither acts, reads nor listens in the name of who visits it', async ({
  ann,
  server,
  browser,
}) => {
  await ann.says('general', 'for members alone');
  const evil = await neighbour();
  // Ann's browser, without the watch that forbids other hosts.
  const context = await browser.newContext({ storageState: await ann.context.storageState() });
  try {
    const page = await context.newPage();
    const cookies: string[] = [];
    page.on('request', async (request) => {
      if (request.url().startsWith(server.base)) cookies.push((await request.allHeaders()).cookie ?? '');
    });
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
    const outcome = await page.evaluate(async (base) => {
      const blind = { credentials: 'include', mode: 'no-cors', method: 'POST' } as const;
      const body = JSON.stringify({ room: 'general', content: 'ann likes kittens' });
      const unread = () => {}; // the answers are none of its business; what they did is looked up below
      await fetch(`${base}/api/messages`, { ...blind, body }).catch(unread);
      await fetch(`${base}/api/auth/logout`, blind).catch(unread);
      const read = await fetch(`${base}/api/messages?room=general`, { credentials: 'include' }).then(
        (answer) => answer.text(),
        () => 'not readable',
      );
      const socket = await new Promise<string>((resolve) => {
        const ws = new WebSocket(`${base.replace('http', 'ws')}/ws`);
        ws.onopen = () => resolve('open');
        ws.onerror = () => resolve('refused');
      });
      const framed = document.createElement('iframe');
      framed.src = `${base}/rooms/general`;
      await new Promise((resolve) => {
        framed.onload = resolve;
        document.body.append(framed);
      });
      return { read, socket };
    }, server.base);
    expect(outcome).toEqual({ read: 'not readable', socket: 'refused' });
    // The browser does send the cookie to a neighbour, or this test would show nothing.
    await expect.poll(() => cookies.some((cookie) => cookie.includes('parley_session='))).toBe(true);
    const frame = page.frames()[1];
    await expect(frame?.getByRole('textbox') ?? page.getByRole('textbox')).toHaveCount(0);

    const { messages } = await (await ann.api.get('/api/messages?room=general')).json();
    expect(messages.map((message: { content: string }) => message.content)).toEqual(['for members alone']);
    expect((await ann.api.get('/api/me')).status()).toBe(200);
  } finally {
    await context.close();
    evil.close();
  }
});
