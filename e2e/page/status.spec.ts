import { expect, test } from './test.ts';

test('27 a dot and a word say how the connection stands; a countdown to the next try, which can be made at once', async ({
  server,
  ann,
}) => {
  const { clock } = ann.context;
  await clock.install(); // the time is the test's: it goes on only where the test says so, from pauseAt on
  const chat = await ann.opens();
  const { page, status } = chat;
  const shape = () =>
    status
      .locator('span')
      .first()
      .evaluate((dot) => [getComputedStyle(dot).backgroundImage, getComputedStyle(dot).boxShadow].join());
  await expect(status).toHaveText('Connected');
  const filled = await shape();

  await server.kill();
  await expect(status).toHaveText('Reconnecting');
  const half = await shape();
  expect(half, 'the dot has another shape').not.toBe(filled);
  const banner = page.getByText('You are disconnected. What you write is kept and sent when you are back.');
  await expect(banner).toBeVisible();
  const seconds = async () => Number(/Next try in (\d+) s\./.exec((await banner.textContent()) ?? '')?.[1] ?? 0);
  // Tries follow each other more and more slowly.
  await expect
    .poll(async () => {
      await clock.runFor(500);
      return seconds();
    })
    .toBeGreaterThanOrEqual(7);
  await clock.pauseAt(await page.evaluate(() => Date.now() + 50));
  const before = await seconds();
  await clock.runFor(2000);
  expect(await seconds()).toBe(before - 2);
  await expect(status, 'nobody hears each second').toHaveText('Reconnecting');

  await ann.context.setOffline(true);
  await expect(status).toHaveText('Offline');
  await expect(page.getByText('You are offline. This device has no network.')).toBeVisible();
  const hollow = await shape();
  expect([filled, half], 'the dot has another shape again').not.toContain(hollow);
  await clock.pauseAt(await page.evaluate(() => Date.now() + 50));
  await ann.context.setOffline(false); // and a try is made, in vain
  await expect(status).toHaveText('Reconnecting');

  await expect
    .poll(async () => {
      await clock.runFor(500);
      return seconds();
    })
    .toBeGreaterThanOrEqual(7);
  await server.restart();
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect
    .poll(async () => {
      await clock.runFor(20); // in all far less than what was left of the pause
      return status.textContent();
    })
    .toBe('Connected');
  await expect(banner).toHaveCount(0);
});

test('28 rooms with something to read are bold with a number, and how many are in each is live', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const chat = await ann.opens('general');
  const weight = (room: string) => chat.room(room).evaluate((link) => Number(getComputedStyle(link).fontWeight));
  expect(await weight('random')).toBe(400);
  await bob.says('random', 'one');
  await bob.says('random', 'two');
  await expect(chat.unread('random', 2)).toBeVisible();
  expect(await weight('random')).toBe(600);
  expect(await weight('help')).toBe(400);

  await expect(chat.online('general', 1)).toBeVisible();
  const theirs = await bob.opens('general');
  await expect(chat.online('general', 2)).toBeVisible();
  await expect(chat.page.getByRole('region', { name: 'People online' }).getByText('bob')).toBeAttached();
  await theirs.page.close();
  await expect(chat.online('general', 1)).toBeVisible();

  await chat.switchTo('random');
  await expect(chat.unread('random', 2)).toHaveCount(0);
  await expect.poll(() => weight('random')).toBe(400);
  const order = await chat.rooms.getByRole('link').allTextContents();
  expect(order.map((text) => text.replace(/\d+/g, ''))).toEqual(['general', 'help', 'random']);
});

test('28 a room with something to read that is out of sight in a long list is one press away', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  for (let n = 1; n <= 8; n++) await ann.post('/api/rooms', { name: `room-${n}`, topic: '' });
  for (const room of ['room-8', 'help']) await ann.says(room, 'from here on ann reads this room');
  const chat = await ann.opens('general');
  await chat.page.setViewportSize({ width: 1200, height: 380 });
  await expect(chat.room('room-8')).not.toBeInViewport();
  await bob.says('room-8', 'down here');
  await chat.page.getByRole('button', { name: '1 unread below' }).click();
  await expect(chat.unread('room-8', 1)).toBeInViewport();
  await expect(chat.page.getByRole('button', { name: /unread below/ })).toHaveCount(0);
  await bob.says('general', 'up there'); // this room is on screen
  await bob.says('help', 'and up there');
  await chat.page.getByRole('button', { name: '1 unread above' }).click();
  await expect(chat.unread('help', 1)).toBeInViewport();
  await chat.page.keyboard.press('Enter');
  await chat.showsRoom('help');
});
