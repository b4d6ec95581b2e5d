import { expect, test } from './test.ts';

test('two browsers with two tabs each: what is said reaches its room, every tab once, and no other room', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const annGeneral = await ann.opens('general');
  const annRandom = await ann.opens('random');
  const bobGeneral = await bob.opens('general');
  const bobRandom = await bob.opens('random');

  await annGeneral.say('general', 'to everybody in general');
  await bobRandom.say('random', 'to those in random');
  for (const tab of [annGeneral, bobGeneral]) await tab.hears('general', 'to everybody in general');
  for (const tab of [annRandom, bobRandom]) await tab.hears('random', 'to those in random');

  // A later message in the same room, sent over the same socket, shows that the wrong one had its time to come.
  await annGeneral.say('general', 'the last word');
  await bobGeneral.hears('general', 'the last word');
  await bobRandom.say('random', 'the last word, too');
  await annRandom.hears('random', 'the last word, too');
  await expect(bobGeneral.message('general', 'to those in random')).toHaveCount(0);
  await expect(annGeneral.message('general', 'to those in random')).toHaveCount(0);
  await expect(annRandom.message('random', 'to everybody in general')).toHaveCount(0);
  await expect(bobRandom.message('random', 'to everybody in general')).toHaveCount(0);

  // Sender and time stand with the message.
  await expect(bobGeneral.message('general', 'to everybody in general')).toContainText('ann');
  await expect(bobGeneral.message('general', 'to everybody in general').getByText(/\d{1,2}:\d{2}/)).toBeVisible();
});

test('a room opens with its last 50 messages, and older ones come on scrolling up', async ({ ann }) => {
  for (let n = 1; n <= 120; n++) await ann.says('help', `line ${n} of 120`);
  const pages: string[] = [];
  ann.context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/messages') pages.push(request.url());
  });
  const chat = await ann.opens('help');
  await expect(chat.message('help', 'line 120 of 120')).toBeInViewport();
  expect(pages, 'pages of history asked for on opening').toHaveLength(1);
  const first = await (await ann.api.get(pages[0] ?? '')).json();
  expect(first.messages).toHaveLength(50);

  await chat.log('help').hover();
  await expect(async () => {
    await chat.page.mouse.wheel(0, -4000);
    await expect(chat.message('help', /line 1 of 120/)).toBeInViewport({ timeout: 250 });
  }).toPass();
  expect(pages.length, 'pages of history asked for in all').toBeGreaterThanOrEqual(3);

  // What is new comes in below while somebody reads above, and stands there on the way back.
  await ann.says('help', 'said meanwhile');
  await expect(async () => {
    await chat.page.mouse.wheel(0, 8000);
    await expect(chat.message('help', 'said meanwhile')).toBeInViewport({ timeout: 250 });
  }).toPass();
});

test('coming and going shows as lines and in the counts; a second tab is the same person', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  await expect(mine.online('general', 1)).toBeVisible();

  const first = await bob.opens();
  await expect(mine.log('general').getByText(/bob joined/)).toBeVisible();
  await expect(mine.online('general', 2)).toBeVisible();
  const second = await bob.opens();
  await mine.page.getByRole('button', { name: 'People', exact: true }).click();
  const people = mine.people('general');
  await expect(people.getByRole('listitem').filter({ hasText: 'bob' })).toHaveCount(1);
  await expect(mine.online('general', 2)).toBeVisible();

  await first.page.close();
  await second.say('general', 'one tab is left');
  await mine.hears('general', 'one tab is left');
  await expect(mine.online('general', 2)).toBeVisible();
  await second.page.close();
  await expect(mine.log('general').getByText(/bob left/)).toBeVisible();
  await expect(mine.online('general', 1)).toBeVisible();
});

test('another room counts what is unread, and switching loses nothing that arrived meanwhile', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const mine = await ann.opens('general');
  const theirs = await bob.opens('random');
  for (const n of [1, 2, 3]) await theirs.say('random', `random ${n}`);
  await expect(mine.unread('random', 3)).toBeVisible();
  await theirs.switchTo('general');
  await theirs.say('general', 'general 1');
  await mine.hears('general', 'general 1');

  await mine.switchTo('random');
  for (const n of [1, 2, 3]) await mine.hears('random', `random ${n}`);
  await expect(mine.unread('random', 3)).toHaveCount(0);
  await theirs.say('general', 'general 2');
  await expect(mine.unread('general', 1)).toBeVisible();
  await mine.switchTo('general');
  for (const n of [1, 2]) await mine.hears('general', `general ${n}`);
  await mine.page.goBack();
  await mine.showsRoom('random');
  for (const n of [1, 2, 3]) await mine.hears('random', `random ${n}`);
});

test("a room that somebody makes opens at once, and is in everybody's sidebar", async ({ ann, joins }) => {
  const bob = await joins('bob');
  const theirs = await bob.opens();
  const mine = await ann.opens();
  await mine.page.getByRole('button', { name: 'New room' }).click();
  const dialog = mine.page.getByRole('dialog', { name: 'New room' });
  await dialog.getByLabel('Name').fill('harbour');
  await dialog.getByRole('button', { name: 'Make the room' }).click();
  await mine.showsRoom('harbour');
  await theirs.switchTo('harbour');
  await theirs.say('harbour', 'first');
  await mine.hears('harbour', 'first');
});

test('a room that was archived can be read, also by whoever loads the page afterwards, and nobody adds to it', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await ann.says('help', 'how it was');
  const theirs = await bob.opens('help');
  await ann.put('/api/rooms/help/archived', { archived: true });
  await expect(theirs.page.getByText('This room is archived')).toBeVisible();
  await theirs.page.reload();
  await theirs.hears('help', 'how it was');
  await expect(theirs.page.getByText('This room is archived')).toBeVisible();
  await expect(theirs.page.getByRole('textbox', { name: 'Message help' })).toHaveCount(0);
});
