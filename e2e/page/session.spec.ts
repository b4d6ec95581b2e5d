import { Chat } from './chat.ts';
import { expect, password, test } from './test.ts';
import { holdsSecret } from './watch.ts';

test.describe('with tokens that live for 5 seconds', () => {
  test.use({ flags: ['--token-ttl', '5s'] });

  test('a visit that outlasts several of them stays connected on one socket', async ({ ann, joins }) => {
    const bob = await joins('bob');
    const mine = await ann.opens();
    const theirs = new Chat(await bob.context.newPage());
    const renewed: string[] = [];
    const sockets: string[] = [];
    theirs.page.on('websocket', (socket) => {
      sockets.push(socket.url());
      socket.on('framesent', ({ payload }) => {
        if (JSON.parse(payload.toString()).type === 'auth') renewed.push('auth');
      });
    });
    await theirs.page.goto('/rooms/general');
    await theirs.connected();
    await expect.poll(() => renewed.length, { message: 'renewals of the token', timeout: 30_000 }).toBeGreaterThan(2);
    await theirs.connected();
    await theirs.say('general', 'still here');
    await mine.hears('general', 'still here');
    expect(sockets).toHaveLength(1);
    expect(sockets.filter(holdsSecret)).toEqual([]);
  });
});

test('signing out in one tab ends the other tab of that browser, and nobody else', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const first = await bob.opens();
  const second = await bob.opens('random');
  const mine = await ann.opens();
  await first.signOut();
  await first.asksWho();
  await second.wasSignedOut();
  await mine.say('general', 'gone so soon?');
  await mine.hears('general', 'gone so soon?');
  expect((await bob.api.get('/api/me')).status()).toBe(401);
});

test('a changed password signs out the other browsers and leaves this one in', async ({ ann, joins, browserFor }) => {
  const bob = await joins('bob');
  const here = await bob.opens();
  const elsewhere = await browserFor();
  await elsewhere.request.post('/api/auth/login', { data: { name: 'bob', password } });
  const there = new Chat(await elsewhere.newPage());
  await there.page.goto('/rooms/general');
  await there.connected();

  await here.page.goto('/settings/profile');
  await here.page.getByLabel('Current password').fill(password);
  await here.page.getByLabel('New password').fill('another long password');
  await here.page.getByRole('button', { name: 'Change password' }).click();
  await there.wasSignedOut();
  await here.page.goto('/rooms/general');
  await here.connected();
  const mine = await ann.opens();
  await here.say('general', 'it was me');
  await mine.hears('general', 'it was me');
});

test('whom the owner disables is signed out at once and does not get back in', async ({ ann, joins, browserFor }) => {
  const bob = await joins('bob');
  const theirs = await bob.opens();
  const mine = await ann.opens();
  await mine.page.goto('/settings/people');
  await mine.page.getByRole('button', { name: 'Disable bob' }).click();
  await mine.page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await theirs.wasSignedOut();

  const { page } = new Chat(await (await browserFor()).newPage());
  await page.goto('/signin');
  await page.getByLabel('Name or e-mail').fill('bob');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
});

test('a session that is ended from the list of sessions signs its browser out', async ({ ann, browserFor }) => {
  const elsewhere = await browserFor();
  await elsewhere.request.post('/api/auth/login', { data: { name: 'ann', password } });
  const there = new Chat(await elsewhere.newPage());
  await there.page.goto('/rooms/general');
  await there.connected();
  const here = await ann.opens();
  await here.page.goto('/settings/sessions');
  await here.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await here.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await there.wasSignedOut();
  await here.page.goto('/rooms/general');
  await here.connected();
});

test('the session is a cookie that no script reads and no other site sends', async ({ ann }) => {
  const chat = await ann.opens();
  const cookies = await ann.context.cookies();
  expect(cookies.map((cookie) => cookie.name)).toContain('parley_session');
  for (const cookie of cookies) expect(cookie, cookie.name).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(await chat.page.evaluate(() => document.cookie)).toBe('');
  const kept = await chat.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(kept).not.toMatch(/eyJ/);
  for (const { value } of cookies) expect(kept).not.toContain(value);
});

test('9 a link to a message leads there for somebody who has to sign in first', async ({ ann, browserFor }) => {
  for (let n = 1; n <= 60; n++) await ann.says('help', `line ${n}`);
  const page = await (await ann.api.get('/api/messages?room=help&page=2')).json();
  const { id, content } = page.messages[0];
  const chat = new Chat(await (await browserFor()).newPage());
  await chat.page.goto(`/rooms/help/${id}`);
  await chat.asksWho();
  await chat.page.getByLabel('Name or e-mail').fill('ann');
  await chat.page.getByLabel('Password', { exact: true }).fill(password);
  await chat.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  const target = chat.message('help', new RegExp(`${content}(?!\\d)`));
  await expect(target).toHaveAttribute('aria-current', 'true');
  await expect(target).toBeInViewport();
  expect(new URL(chat.page.url()).pathname).toBe(`/rooms/help/${id}`);
});
