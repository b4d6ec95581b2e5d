import type { Page } from '@playwright/test';
import { accessible } from './axe.ts';
import type { Chat } from './chat.ts';
import { expect, test } from './test.ts';

const menu = async (chat: Chat, item: string) => {
  await chat.account.click();
  await chat.page.getByRole('menuitem', { name: item }).click();
};
const account = (chat: Chat) => chat.account;
/** The face of somebody among those who are online, which says what they do. */
const face = ({ page }: Chat, says: string) =>
  page.getByRole('region', { name: 'People online' }).getByText(says, { exact: true });

test('who is away or does not want to be disturbed is seen by others, and that they come back', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const theirs = await bob.opens();
  const page = await ann.context.newPage();
  await page.clock.install();
  await page.goto('/rooms/general');
  await expect(face(theirs, 'ann')).toBeVisible();
  const first = { account: page.getByRole('button', { name: 'Your account' }), page } as unknown as Chat;
  await expect(page.getByRole('status').filter({ hasText: /^Connected/ })).toBeVisible();
  await page.clock.fastForward('10:01');
  await expect(face(theirs, 'ann, Away')).toBeVisible();
  await page.mouse.move(10, 10);
  await page.mouse.move(20, 20);
  await expect(face(theirs, 'ann')).toBeVisible();

  await menu(first, 'Do not disturb for an hour');
  await expect(account(first)).toContainText('Do not disturb until');
  await expect(face(theirs, 'ann, Do not disturb')).toBeVisible();
  await menu(first, 'Let yourself be disturbed again');
  await expect(face(theirs, 'ann')).toBeVisible();
});

test('a status is seen beside the name, and is over when its time has come', async ({ ann, joins }) => {
  const bob = await joins('bob');
  await ann.says('general', 'hello');
  const page = await bob.context.newPage();
  await page.clock.install();
  await page.goto('/rooms/general');
  const hello = page.getByRole('log').getByRole('article').filter({ hasText: 'hello' });
  const first = await ann.opens();
  await menu(first, 'Set a status…');
  const dialog = first.page.getByRole('dialog', { name: 'What are you doing?' });
  await accessible(first.page, '[role="dialog"]', 'the status dialog');
  await dialog.getByRole('button', { name: 'At lunch' }).click();
  await dialog.getByLabel('Clear it').selectOption('in 30 minutes');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(account(first)).toBeFocused();
  await expect(account(first)).toContainText('🍽️ At lunch');
  const mark = hello.getByRole('img', { name: 'At lunch' });
  await expect(mark).toHaveText('🍽️');
  await page.clock.fastForward('31:00');
  await expect(mark).toHaveCount(0);
});

test('a highlighted word is marked where others say it', async ({ ann, joins }) => {
  const bob = await joins('bob');
  await bob.says('general', 'we Deploy **the deploy** `deploy`');
  const settings = await ann.context.newPage();
  await settings.goto('/settings/availability');
  const form = settings.getByRole('form', { name: 'Highlighted words' });
  await form.getByLabel('Words').fill('deploy\n');
  await accessible(settings, 'main', 'the settings of availability');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('status')).toHaveText('Saved.');
  const first = await ann.opens();
  await expect(first.message('general', 'we Deploy').locator('mark')).toHaveText(['Deploy', 'deploy']);
});

test('what is reported is seen by the owner, and closed by them or by deleting it', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const cat = await joins('cat');
  await cat.says('general', 'buy now');
  const theirs = await bob.opens();
  await theirs.message('general', 'buy now').hover();
  await theirs.page.getByRole('button', { name: 'More', exact: true }).click();
  await theirs.page.getByRole('menuitem', { name: 'Report…' }).click();
  const dialog = theirs.page.getByRole('dialog', { name: 'Report this message' });
  await dialog.getByLabel('What is wrong with it?').fill('It is spam');
  await dialog.getByRole('button', { name: 'Report' }).click();
  await expect(dialog.getByRole('status')).toHaveText('Thank you. The moderators see it now.');

  const page = await ann.context.newPage();
  await page.goto('/settings/reports');
  const report = page.getByRole('list', { name: 'Open reports' }).getByRole('listitem');
  await expect(report).toContainText('bob reported a message of cat in #general');
  await expect(report).toContainText('It is spam');
  await expect(report).toContainText('buy now');
  await report.getByRole('link', { name: 'Go to the message' }).click();
  await page.getByRole('article').filter({ hasText: 'buy now' }).hover();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('article').filter({ hasText: 'buy now' })).toHaveCount(0);
  await page.goto('/settings/reports');
  await expect(page.getByText('Nothing is open.')).toBeVisible();

  const { id } = await cat.post<{ id: string }>('/api/messages', { room: 'general', content: 'buy later' });
  await bob.post(`/api/rooms/general/messages/${id}/report`, { reason: 'Again' });
  await page.reload();
  await report.getByRole('button', { name: 'Resolve' }).click();
  await expect(page.getByText('Nothing is open.')).toBeVisible();
});

test('what somebody says who is blocked is folded, until they are not any more', async ({ ann, joins }) => {
  const bob = await joins('bob');
  await bob.says('general', 'let me in');
  const first = await ann.opens();
  await first.page.getByRole('button', { name: /^People/ }).click();
  const panel = first.people('general');
  await panel.getByRole('button', { name: /bob/ }).click();
  await first.page.getByRole('menuitem', { name: 'Block bob' }).click();
  await first.page.getByRole('dialog', { name: 'Block bob?' }).getByRole('button', { name: 'Block' }).click();
  const folded = first.message('general', 'A message of somebody you have blocked');
  await expect(folded).toHaveCount(1);
  await expect(first.message('general', 'let me in')).toHaveCount(0);
  await folded.getByRole('button', { name: 'Show it' }).click();
  await expect(first.message('general', 'let me in')).toHaveCount(1);
  await bob.says('general', 'hello?');
  await expect(folded).toHaveCount(1);

  await first.page.goto('/settings/availability');
  await first.page.getByRole('button', { name: 'Unblock bob' }).click();
  await expect(first.page.getByText('You have blocked nobody.')).toBeVisible();
  await first.page.goto('/rooms/general');
  await first.hears('general', 'hello?');
});

test('an announcement reaches everybody at once, and stays dismissed', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const theirs = await bob.opens();
  const banner = (page: Page) => page.getByRole('region', { name: 'Announcement' });
  const page = await ann.context.newPage();
  await page.goto('/settings/announcements');
  await page.getByLabel('Announcement', { exact: true }).fill('The server is down from six to seven.');
  await page.getByRole('button', { name: 'Announce', exact: true }).click();
  await expect(banner(theirs.page)).toContainText('The server is down from six to seven.');
  await accessible(theirs.page, 'main', 'a room with an announcement');
  await banner(theirs.page).getByRole('button', { name: 'Dismiss the announcement' }).click();
  await expect(banner(theirs.page)).toHaveCount(0);
  await page.goto('/rooms/general');
  await expect(banner(page)).toBeVisible();
  await theirs.page.reload();
  await theirs.connected();
  await ann.post('/api/announcements', { content: 'Up again.' });
  await expect(banner(theirs.page)).toContainText('Up again.');
  await page.goto('/settings/announcements');
  await page.getByRole('button', { name: 'End “Up again.”' }).click();
  await expect(banner(theirs.page)).toHaveCount(0);
});
