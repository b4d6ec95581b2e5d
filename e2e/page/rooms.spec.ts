import type { Locator, Page } from '@playwright/test';
import { Cable } from './cable.ts';
import { Chat } from './chat.ts';
import { Person } from './people.ts';
import { expect, password, test } from './test.ts';

/** Opens the details of the room on screen. */
async function details(chat: Chat, room: string): Promise<Locator> {
  await chat.page.getByRole('button', { name: `Actions for ${room}` }).click();
  await chat.page.getByRole('menuitem', { name: 'Room details' }).click();
  return chat.page.getByRole('complementary', { name: `Details of ${room}` });
}

/** Chooses something in the menu of somebody in the panel of people. */
async function does(chat: Chat, room: string, person: string, what: string | RegExp): Promise<void> {
  const panel = chat.people(room);
  if (!(await panel.isVisible())) await chat.page.getByRole('button', { name: 'People', exact: true }).click();
  await panel.getByRole('button', { name: `Actions for ${person}` }).click();
  const menu = chat.page.getByRole('menu');
  await menu
    .getByRole('menuitem', { name: what })
    .or(menu.getByRole('menuitemradio', { name: what }))
    .click();
}

/** What a page hears over its sockets. */
function listens(page: Page): string[] {
  const heard: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(payload.toString())));
  return heard;
}

test('a private room: nobody else finds it, it keeps what waits when it is renamed, and who is removed has lost it at once', async ({
  server,
  ann,
  joins,
  browserFor,
}) => {
  const cable = await Cable.to(server.base);
  const bob = new Person('bob', password, server, await browserFor({ baseURL: cable.base }));
  const { code } = await ann.invites({ max_uses: 1 });
  await bob.post('/api/auth/register', { name: 'bob', password, invite: code });
  const cat = await joins('cat');
  const mine = await ann.opens();
  const his = new Chat(await bob.context.newPage());
  const heard = listens(his.page);
  await his.page.goto('/');
  await his.connected();

  await test.step('it is made with somebody in it, who sees it at once', async () => {
    await mine.page.getByRole('button', { name: 'New room' }).click();
    const dialog = mine.page.getByRole('dialog', { name: 'New room' });
    await dialog.getByLabel('Name').fill('vault');
    await dialog.getByRole('radio', { name: 'Only its members' }).check();
    await dialog.getByRole('checkbox', { name: /bob/ }).check();
    await dialog.getByRole('button', { name: 'Make the room' }).click();
    await mine.showsRoom('vault');
    await his.switchTo('vault');
    await mine.say('vault', 'between us');
    await his.hears('vault', 'between us');
  });

  await test.step('a third finds it in no list, by no search and under no address', async () => {
    const hers = await cat.opens();
    await hers.page.keyboard.press('Control+k');
    await hers.page.getByRole('combobox', { name: 'Jump to a room' }).fill('vault');
    await expect(hers.page.getByText('No room is called “vault”.')).toBeVisible();
    await expect(hers.room('vault')).toHaveCount(0);
    await hers.page.goto('/rooms/vault');
    await expect(hers.page.getByRole('heading', { name: 'There is no room called vault' })).toBeVisible();
    await hers.page.close();
  });

  await test.step('renamed while one of them is away with something to say: it arrives, and old links lead there', async () => {
    cable.cut();
    await expect(his.status).not.toHaveText(/^Connected/);
    await his.say('vault', 'from the tunnel');
    await his.composer('vault').fill('half a ');
    const panel = await details(mine, 'vault');
    await panel.getByRole('textbox', { name: 'Name' }).fill('cellar');
    await panel.getByRole('button', { name: 'Save' }).click();
    await mine.showsRoom('cellar');
    await expect(mine.page).toHaveURL(/\/rooms\/cellar$/);
    cable.mend();
    await his.showsRoom('cellar');
    await his.page.keyboard.type('thought');
    await expect(his.composer('cellar')).toHaveValue('half a thought');
    await his.composer('cellar').fill('');
    await expect(his.page).toHaveURL(/\/rooms\/cellar$/);
    await mine.hears('cellar', 'from the tunnel');
    await his.page.goto('/rooms/vault');
    await his.showsRoom('cellar');
    await expect(his.page).toHaveURL(/\/rooms\/cellar$/);
    await his.hears('cellar', 'from the tunnel');
  });

  await test.step('slow mode and read-only are seen where one writes, and end with a role', async () => {
    const panel = await details(mine, 'cellar');
    await panel.getByLabel('Slow mode').selectOption('3600');
    await expect(his.log('cellar').getByText('set slow mode')).toBeVisible();
    await expect(his.page.getByText(/^Slow mode: you can send again in/)).toBeVisible();
    await panel.getByRole('checkbox', { name: /Only moderators post/ }).check();
    await expect(his.page.getByText('Only moderators post in this room. You may answer in threads.')).toBeVisible();
    await expect(his.composer('cellar')).toHaveCount(0);
    await does(mine, 'cellar', 'bob', 'Room moderator');
    await mine.page.keyboard.press('Escape');
    await expect(his.log('cellar').getByText('bob was made a moderator of the room by ann')).toBeVisible();
    await his.say('cellar', 'now I may');
    await mine.hears('cellar', 'now I may');
  });

  await test.step('who is removed is told why, hears nothing more, and does not come back by the address', async () => {
    await does(mine, 'cellar', 'bob', 'Remove from the room');
    const dialog = mine.page.getByRole('dialog', { name: 'Remove bob from cellar?' });
    await dialog.getByLabel('Reason').fill('the lease is up');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(his.page.getByRole('heading', { name: 'You are no longer in cellar' })).toBeVisible();
    await expect(his.page.getByText('ann removed you from the room. The reason given: the lease is up.')).toBeVisible();
    await expect(his.page.getByRole('log')).toHaveCount(0);
    await expect(his.room('cellar')).toHaveCount(0);
    await mine.say('cellar', 'behind a closed door');
    await mine.hears('cellar', 'behind a closed door');
    await ann.says('general', 'out in the open');
    await expect(his.unread('general', 1)).toBeVisible();
    expect(heard.filter((frame) => frame.includes('closed door'))).toEqual([]);
    await his.page.goto('/rooms/cellar');
    await expect(his.page.getByRole('heading', { name: 'There is no room called cellar' })).toBeVisible();
  });
  cable.close();
});

test('a conversation begins from the keyboard and is unread on the other side; a public room is left and found again', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  const his = await bob.opens();
  const direct = (chat: Chat) => chat.page.getByRole('navigation', { name: 'Direct messages' });

  await mine.page.keyboard.press('Control+k');
  await mine.page.getByRole('combobox', { name: 'Jump to a room' }).fill('bob');
  await mine.page.keyboard.press('Enter');
  await mine.showsRoom('bob');
  await expect(mine.composer('bob')).toBeFocused();
  await mine.page.keyboard.type('have you a minute?');
  await mine.page.keyboard.press('Enter');
  await mine.hears('bob', 'have you a minute?');
  await expect(his.page).toHaveTitle(/^\(1\)/);
  await direct(his).getByRole('link', { name: 'ann, 1 unread, online' }).click();
  await his.showsRoom('ann');
  await his.hears('ann', 'have you a minute?');
  await expect(direct(his).getByRole('link', { name: 'ann, online' })).toBeVisible();

  await his.switchTo('random');
  await his.say('random', 'passing through'); // whoever has spoken in a public room is a member of it
  await mine.page.getByRole('link', { name: /^random/ }).click();
  await mine.hears('random', 'passing through');
  const panel = await details(his, 'random');
  await panel.getByRole('button', { name: 'Leave the room' }).click();
  await his.page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
  await his.showsRoom('general');
  await expect(his.room('random')).toHaveCount(0);
  await ann.says('random', 'said without him');
  await his.page.getByRole('button', { name: 'Browse rooms' }).click();
  await his.page.getByRole('button', { name: 'Join random again' }).click();
  await his.showsRoom('random');
  await his.hears('random', 'said without him');
});
