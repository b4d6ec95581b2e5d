import { Cable } from './cable.ts';
import { Person } from './people.ts';
import { expect, test } from './test.ts';

test('a server that is killed in the middle of a talk comes back with every line, once and in order', async ({
  server,
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  const theirs = await bob.opens();
  for (let n = 1; n <= 10; n++) await mine.say('general', `before ${n}.`);
  // No wait for the answers: some of these lines are on their way when the server dies.
  await server.kill();
  for (const tab of [mine, theirs]) await expect(tab.status).toHaveText(/^Reconnecting/);
  await server.restart();
  for (const tab of [mine, theirs]) await tab.connected();

  await theirs.say('general', 'after it');
  for (const tab of [mine, theirs]) {
    await tab.hears('general', 'after it');
    const said = tab.message('general', /before \d+\./);
    await expect(said).toHaveCount(10);
    for (let n = 1; n <= 10; n++) await expect(said.nth(n - 1)).toContainText(`before ${n}.`);
  }
  const page = await (await ann.api.get('/api/messages?room=general&page=1')).json();
  expect(page.messages).toHaveLength(11);
});

test('what was sent while the server was away arrives once', async ({ server, ann, joins }) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  const theirs = await bob.opens();
  server.pause();
  await mine.say('general', 'sent into the void');
  await mine.hears('general', 'sent into the void');
  await server.kill();
  await expect(mine.status).toHaveText(/^Reconnecting/);
  await mine.composer('general').fill('typed while away');
  await server.restart();
  await mine.connected();
  await expect(mine.composer('general')).toHaveValue('typed while away');
  await mine.sendButton.click();
  for (const tab of [mine, theirs]) {
    await tab.hears('general', 'typed while away');
    await tab.hears('general', 'sent into the void');
  }
  await mine.page.reload();
  await mine.connected();
  await mine.hears('general', 'sent into the void');
  await mine.hears('general', 'typed while away');
});

test('what others said while this browser was cut off is there when it is back', async ({
  server,
  ann,
  joins,
  browserFor,
}) => {
  const cable = await Cable.to(server.base);
  try {
    const context = await browserFor({ baseURL: cable.base });
    await context.request.post('/api/auth/login', { data: { name: 'ann', password: ann.password } });
    const mine = await new Person('ann', ann.password, server, context).opens();
    const theirs = await (await joins('bob')).opens();
    await theirs.say('general', 'before');
    await mine.hears('general', 'before');
    cable.cut();
    await expect(mine.status).toHaveText(/^Reconnecting/);
    for (const n of [1, 2, 3]) await theirs.say('general', `meanwhile ${n}`);
    await theirs.hears('general', 'meanwhile 3');
    cable.mend();
    await mine.connected();
    for (const n of [1, 2, 3]) await mine.hears('general', `meanwhile ${n}`);
    await mine.hears('general', 'before');
  } finally {
    cable.close();
  }
});

test('a part of the page that could not be fetched ahead is fetched when it is needed', async ({ ann }) => {
  let away = true;
  const refused = new Set<string>();
  await ann.context.route(/assets\/(DialogWindow|MenuPopup)-.*\.js$/, (route) => {
    if (!away) return route.continue();
    refused.add(route.request().url());
    return route.abort();
  });
  const chat = await ann.opens();
  await expect.poll(() => refused.size).toBe(2);
  away = false;
  await chat.page.getByRole('button', { name: 'New room' }).click();
  await expect(chat.page.getByRole('dialog', { name: 'New room' })).toBeVisible();
  await chat.page.keyboard.press('Escape');
  await chat.account.click();
  await expect(chat.page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible();
});
