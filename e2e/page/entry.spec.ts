import type { Page } from '@playwright/test';
import { Chat } from './chat.ts';
import { expect, password, test } from './test.ts';

async function signIn(page: Page, name: string, secret: string): Promise<void> {
  await page.getByLabel('Name or e-mail').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('signing in tells the same of a wrong password and of a name that does not exist', async ({ ann, browserFor }) => {
  await ann.put('/api/me', { email: 'ann@example.org' });
  const chat = new Chat(await (await browserFor()).newPage());
  const alert = chat.page.getByRole('alert');
  await chat.page.goto('/');
  await chat.asksWho();
  await signIn(chat.page, 'ann', 'not her password');
  await expect(alert).toHaveText(/name or (the )?password is wrong/i);
  const told = (await alert.textContent()) ?? '';
  await chat.page.reload();
  await signIn(chat.page, 'nobody', 'not her password');
  await expect(alert).toHaveText(told);

  // What was typed is still there; by name or e-mail, the right password lets in.
  await expect(chat.page.getByLabel('Name or e-mail')).toHaveValue('nobody');
  await signIn(chat.page, 'ann@example.org', password);
  await chat.showsRoom('general');
  await chat.connected();
});

test('signing in goes on to where one wanted to be', async ({ ann, browserFor }) => {
  await ann.says('random', 'hello from random');
  const chat = new Chat(await (await browserFor()).newPage());
  await chat.page.goto('/rooms/random');
  await signIn(chat.page, 'ann', password);
  await chat.showsRoom('random');
  await chat.hears('random', 'hello from random');
});

test('an invitation that is used up, expired, revoked or made up says so and offers no form', async ({
  ann,
  joins,
  browserFor,
}) => {
  await joins('bob');
  const used = await ann.invites({ max_uses: 1 });
  const carol = await browserFor();
  expect(
    (await carol.request.post('/api/auth/register', { data: { name: 'carol', password, invite: used.code } })).status(),
  ).toBe(201);
  const expired = await ann.invites({ expires_in: 1 });
  const revoked = await ann.invites();
  expect((await ann.api.delete(`/api/invites/${revoked.id}`)).status()).toBe(204);
  const look = (code: string) => carol.request.post('/api/auth/invitation', { data: { code } });
  await expect.poll(async () => (await look(expired.code)).status()).toBe(404);

  const { page } = new Chat(await (await browserFor()).newPage());
  for (const code of [used.code, expired.code, revoked.code, 'abcdefghijklmnopqrstuvwxyz']) {
    await page.goto(`/join/${code}`);
    await expect(page.getByRole('heading', { name: 'This invitation does not work' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Join and open general' })).toHaveCount(0);
  }
});

test('joining under a name that is taken keeps the form and the invitation', async ({ ann, browserFor }) => {
  const { code } = await ann.invites({ max_uses: 1 });
  const chat = new Chat(await (await browserFor()).newPage());
  const { page } = chat;
  await page.goto(`/join/${code}`);
  await page.getByLabel('Name', { exact: true }).fill('Ann');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Join and open general' }).click();
  await expect(page.getByRole('alert')).toHaveText(/taken|in use|exists/i);
  await page.getByLabel('Name', { exact: true }).fill('anne');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Join and open general' }).click();
  await chat.showsRoom('general');
});

test('a set-up link works once', async ({ server, ann, browserFor }) => {
  const link = await server.setupLink();
  expect(ann.name).toBe('ann'); // has used it
  const { page } = new Chat(await (await browserFor()).newPage());
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'Create and open general' })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: /is set up already$/ })).toBeVisible();
});

test.describe('with guests', () => {
  test.use({ flags: ['--guests'] });

  test('a guest enters with a name alone, and not with one that is in use', async ({ ann, browserFor }) => {
    const mine = await ann.opens();
    const context = await browserFor();
    const guest = new Chat(await context.newPage());
    await guest.page.goto('/guest');
    await expect(guest.page.getByRole('heading', { name: 'Enter as a guest' })).toBeVisible();
    await guest.page.getByLabel('Name', { exact: true }).fill('ann');
    await guest.page.getByRole('button', { name: 'Enter', exact: true }).click();
    await expect(guest.page.getByRole('alert')).toHaveText(/taken|in use/i);
    await guest.page.getByLabel('Name', { exact: true }).fill('gil');
    await guest.page.getByRole('button', { name: 'Enter', exact: true }).click();
    await guest.showsRoom('general');
    await guest.connected();
    await guest.say('general', 'passing by');
    await mine.hears('general', 'passing by');

    const other = new Chat(await (await browserFor()).newPage());
    await other.page.goto('/guest');
    await other.page.getByLabel('Name', { exact: true }).fill('gil');
    await other.page.getByRole('button', { name: 'Enter', exact: true }).click();
    await expect(other.page.getByRole('alert')).toHaveText(/taken|in use/i);

    // The same guest after a reload: the cookie knows them.
    await guest.page.reload();
    await guest.connected();
    await guest.say('general', 'back again');
    await mine.hears('general', 'back again');
  });
});

test('without guests nobody comes in by a name alone', async ({ ann, browserFor }) => {
  expect(ann.name).toBe('ann');
  const { page } = new Chat(await (await browserFor()).newPage());
  await page.goto('/guest');
  await expect(page.getByRole('heading', { name: /takes no guests$/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Enter', exact: true })).toHaveCount(0);
});
