import { Cable } from './cable.ts';
import { Chat } from './chat.ts';
import { Person } from './people.ts';
import { expect, test } from './test.ts';

test('16 a sent message appears within one frame as pending, and offline it queues', async ({ server, ann, joins }) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  const theirs = await bob.opens();
  const { page } = mine;
  await mine.composer('general').fill('seen at once');
  server.pause();
  // Frames that are drawn without it, counted from the key.
  await page.evaluate(() => {
    const counter = window as unknown as { frames: number | null };
    counter.frames = null;
    addEventListener(
      'keydown',
      () => {
        let frames = 0;
        const count = () => {
          const shown = [...document.querySelectorAll('[role=log] article')].some((row) =>
            row.textContent?.includes('seen at once'),
          );
          if (shown) counter.frames = frames;
          else {
            frames++;
            requestAnimationFrame(count);
          }
        };
        requestAnimationFrame(count);
      },
      { capture: true, once: true },
    );
  });
  await page.keyboard.press('Enter');
  await mine.hears('general', 'seen at once');
  const frames = await page.evaluate(() => (window as unknown as { frames: number | null }).frames);
  expect(frames, 'frames without it').toBe(0);
  await expect(mine.message('general', 'seen at once')).toContainText('Sending');
  await expect(mine.composer('general')).toHaveValue('');
  server.resume();
  await theirs.hears('general', 'seen at once');
  await expect(mine.message('general', 'seen at once')).not.toContainText('Sending');

  await server.kill();
  await expect(mine.status).toHaveText(/^Reconnecting/);
  await mine.say('general', 'by Enter');
  await mine.composer('general').fill('by the button');
  await expect(mine.sendButton).toBeEnabled();
  await mine.sendButton.click();
  await expect(mine.composer('general')).toHaveValue('');
  for (const text of ['by Enter', 'by the button']) {
    await expect(mine.message('general', text)).toContainText('Waiting for the connection');
  }
  await server.restart();
  for (const tab of [mine, theirs]) {
    await tab.hears('general', 'by the button');
    await expect(tab.message('general', /^|by/).filter({ hasText: /by Enter|by the button/ })).toHaveCount(2);
  }
  await expect(mine.message('general', 'by the button')).not.toContainText('Waiting');
});

test('16 a message that fails keeps its text and says why, Retry sends it and Delete takes it away', async ({
  ann,
}) => {
  let refuse = true;
  await ann.context.routeWebSocket(/\/ws/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const { type, client_id: ref } = JSON.parse(String(data));
      if (type === 'message' && refuse) {
        socket.send(JSON.stringify({ type: 'error', code: 'forbidden', message: 'this room is archived', ref }));
      } else {
        server.send(data);
      }
    });
  });
  const chat = await ann.opens();
  const good = chat.message('general', 'good words');
  const bad = chat.message('general', 'bad words');
  await chat.say('general', 'good words');
  await chat.say('general', 'bad words');
  for (const message of [good, bad]) await expect(message).toContainText('Not sent: this room is archived');
  // They are still there after a reload.
  await chat.page.reload();
  await chat.connected();
  for (const message of [good, bad]) await expect(message).toContainText('Not sent: this room is archived');
  refuse = false;
  await bad.getByRole('button', { name: 'Delete' }).click();
  await expect(bad).toHaveCount(0);
  await good.getByRole('button', { name: 'Retry' }).click();
  await expect(good).toHaveCount(1);
  await expect(good).not.toContainText(/Not sent|Sending/);
  const { messages } = await (await ann.api.get('/api/messages?room=general&page=1')).json();
  expect(messages.map((m: { content: string }) => m.content)).toEqual(['good words']);
});

test('17 a message whose acknowledgement was lost is sent again and stored once, also over a reload', async ({
  server,
  ann,
  joins,
  browserFor,
}) => {
  const theirs = await (await joins('bob')).opens();
  const cable = await Cable.to(server.base);
  const away = new Person('ann', ann.password, server, await browserFor({ baseURL: cable.base }));
  await away.post('/api/auth/login', { name: 'ann', password: ann.password });
  const mine = await away.opens();

  cable.deafen();
  await mine.say('general', 'said once');
  await theirs.hears('general', 'said once'); // it is stored, and its author does not know
  await expect(mine.message('general', 'said once')).toContainText('Sending');
  cable.cut();
  await expect(mine.status).toHaveText(/^Reconnecting/);
  await mine.say('general', 'after it');
  cable.mend();
  await theirs.hears('general', 'after it');
  for (const text of ['said once', 'after it']) await mine.hears('general', text);
  await expect(mine.message('general', 'said once')).not.toContainText(/Sending|Waiting/);

  cable.deafen();
  await mine.say('general', 'and over a reload');
  await theirs.hears('general', 'and over a reload');
  cable.cut();
  await mine.page.goto('about:blank');
  cable.mend();
  const later = new Chat(mine.page);
  await later.page.goto('/rooms/general');
  await later.connected();
  await later.say('general', 'the end');
  await theirs.hears('general', 'the end');
  const said = ['said once', 'after it', 'and over a reload', 'the end'];
  for (const tab of [theirs, later]) for (const text of said) await tab.hears('general', text);
  const { messages } = await (await ann.api.get('/api/messages?room=general&page=1')).json();
  expect(messages.map((m: { content: string }) => m.content)).toEqual(said);
  cable.close();
});

test('16 what was said without a connection to a room that was archived meanwhile has failed, and keeps its text', async ({
  server,
  ann,
  joins,
  browserFor,
}) => {
  const cable = await Cable.to(server.base);
  try {
    const bob = await joins('bob');
    await bob.says('random', 'bob is here'); // and in help he is no member: once it is archived he is not told of it
    const context = await browserFor({ baseURL: cable.base });
    await context.request.post('/api/auth/login', { data: { name: bob.name, password: bob.password } });
    for (const room of ['random', 'help']) {
      const chat = new Chat(await context.newPage());
      await chat.page.goto(`/rooms/${room}`);
      await chat.showsRoom(room);
      await chat.connected();
      cable.cut();
      await expect(chat.status).not.toHaveText(/^Connected/);
      await chat.say(room, 'too late');
      await ann.put(`/api/rooms/${room}/archived`, { archived: true });
      cable.mend();
      await expect(chat.message(room, 'too late')).toContainText('Not sent');
      await expect(chat.message(room, 'too late').getByRole('button', { name: 'Delete' })).toBeVisible();
      await chat.page.close();
    }
  } finally {
    cable.close();
  }
});
