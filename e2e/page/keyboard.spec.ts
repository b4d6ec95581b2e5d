import type { Locator } from '@playwright/test';
import type { Chat } from './chat.ts';
import { expect, test } from './test.ts';

const switcher = (chat: Chat) => chat.page.getByRole('dialog', { name: 'Jump to a room' });
const field = (chat: Chat) => chat.page.getByRole('combobox', { name: 'Jump to a room' });
const names = (list: Locator) => list.getByRole('option').getByRole('strong').or(list.getByRole('option').locator('b'));
const sheet = (chat: Chat) => chat.page.getByRole('dialog', { name: 'Keyboard shortcuts' });

/** How far the end of a room's list is out of sight, in pixels. */
const fromEnd = (chat: Chat, room: string) =>
  chat.log(room).evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);

test('19 Ctrl+K opens the switcher focused: unread rooms, then recent ones; typing finds, Enter goes, Esc goes back', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await ann.post('/api/rooms', { name: 'design', topic: 'Icons and colours' });
  await ann.says('random', 'from here on ann reads this room');
  const chat = await ann.opens('help');
  await chat.switchTo('general');
  await bob.says('random', 'something new');
  await expect(chat.unread('random', 1)).toBeVisible();

  await chat.page.keyboard.press('Control+k');
  await expect(field(chat)).toBeFocused();
  await expect(names(switcher(chat))).toHaveText(['random', 'help', 'design']); // unread, recent, the others
  await expect(switcher(chat).getByRole('group', { name: 'Unread' }).getByRole('option')).toContainText('1 unread');
  await expect(switcher(chat).getByRole('group', { name: 'Recent' }).getByRole('option')).toHaveCount(1);
  await chat.page.keyboard.press('Escape');
  await expect(switcher(chat)).toHaveCount(0);
  await expect(chat.composer('general')).toBeFocused();
  await expect(chat.unread('random', 1)).toBeVisible();

  await chat.page.keyboard.press('Control+k');
  await chat.page.keyboard.type('COL'); // of its topic
  await expect(names(switcher(chat))).toHaveText(['design']);
  await chat.page.keyboard.press('Enter');
  await chat.showsRoom('design');
  await expect(switcher(chat)).toHaveCount(0);
  await expect(chat.composer('design')).toBeFocused();

  // It is remembered where one was; arrows choose.
  await chat.page.getByRole('button', { name: 'Jump to a room' }).click();
  await expect(names(switcher(chat))).toHaveText(['random', 'general', 'help']);
  await expect(switcher(chat).getByRole('option', { selected: true })).toContainText('random');
  await chat.page.keyboard.press('ArrowDown');
  await expect(switcher(chat).getByRole('option', { selected: true })).toContainText('general');
  await chat.page.keyboard.press('Enter');
  await chat.showsRoom('general');
  await chat.page.reload();
  await chat.connected();
  await chat.page.keyboard.press('Control+k');
  await expect(names(switcher(chat))).toHaveText(['random', 'design', 'help']);
});

test('20 Alt with arrows goes to the room above or below, with Shift to one with something to read', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const chat = await ann.opens('general');
  const press = async (key: string, room: string) => {
    await chat.page.keyboard.press(key);
    await chat.showsRoom(room);
    await expect(chat.composer(room)).toBeFocused();
  };
  await press('Alt+ArrowDown', 'help');
  await press('Alt+ArrowDown', 'random');
  await press('Alt+ArrowDown', 'general'); // round the end
  await press('Alt+ArrowUp', 'random');
  await press('Alt+ArrowUp', 'help');
  await press('Alt+ArrowUp', 'general');

  await bob.says('random', 'something new');
  await expect(chat.unread('random', 1)).toBeVisible();
  await press('Alt+Shift+ArrowDown', 'random');
  await chat.hears('random', 'something new');
  await bob.says('help', 'something else');
  await expect(chat.unread('help', 1)).toBeVisible();
  await press('Alt+Shift+ArrowUp', 'help');
  await expect(chat.unread('help', 1)).toHaveCount(0);
  await chat.page.keyboard.press('Alt+Shift+ArrowUp'); // there is none
  await press('Alt+ArrowUp', 'general');
});

test('21 Esc with nothing open marks the room as read and goes to its end; Shift+Esc marks all as read', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  for (let n = 1; n <= 30; n++) await ann.says('general', `line ${n}`);
  for (const room of ['help', 'random']) await ann.says(room, 'from here on ann reads this room');
  await bob.says('general', 'the last line');
  const chat = await ann.opens('general');
  await chat.hears('general', 'the last line');
  const line = chat.log('general').getByText('New messages');
  await expect(line).toBeVisible();
  await chat.log('general').hover();
  await expect(async () => {
    await chat.page.mouse.wheel(0, -2000);
    expect(await fromEnd(chat, 'general')).toBeGreaterThan(300);
  }).toPass();

  // What is open is closed first, and by that alone.
  for (const open of ['Control+k', 'Control+/']) {
    await chat.page.keyboard.press(open);
    await expect(chat.page.getByRole('dialog')).toBeVisible();
    await chat.page.keyboard.press('Escape');
    await expect(chat.page.getByRole('dialog')).toHaveCount(0);
  }
  await chat.account.click();
  await expect(chat.page.getByRole('menu')).toBeVisible();
  await chat.page.keyboard.press('Escape');
  await expect(chat.page.getByRole('menu')).toHaveCount(0);
  expect(await fromEnd(chat, 'general')).toBeGreaterThan(300);

  await chat.composer('general').focus();
  await chat.page.keyboard.press('Escape');
  await expect.poll(() => fromEnd(chat, 'general')).toBeLessThanOrEqual(1);
  await expect(line).toHaveCount(0);
  await expect(chat.composer('general')).toBeFocused();

  await bob.says('help', 'one');
  await bob.says('random', 'two');
  await expect(chat.unread('help', 1)).toBeVisible();
  await expect(chat.unread('random', 1)).toBeVisible();
  const elsewhere = await ann.opens('general');
  await expect(elsewhere.unread('help', 1)).toBeVisible();
  await chat.page.bringToFront();
  await chat.page.keyboard.press('Shift+Escape');
  for (const tab of [chat, elsewhere])
    for (const room of ['help', 'random']) await expect(tab.unread(room, 1)).toHaveCount(0);
  await chat.page.reload(); // the server knows
  await chat.connected();
  for (const room of ['help', 'random']) {
    await expect(chat.room(room)).toBeVisible();
    await expect(chat.unread(room, 1)).toHaveCount(0);
  }
});

test('22 Ctrl+/ lists the shortcuts, also from the menu; Ctrl+F stays the browser’s', async ({ ann }) => {
  const chat = await ann.opens();
  await chat.page.keyboard.press('Control+/');
  await expect(sheet(chat)).toBeVisible();
  for (const [what, ...keys] of [
    ['Jump to a room', 'Ctrl', 'K'],
    ['The unread room below', 'Alt', 'Shift', '↓'],
    ['Mark all rooms as read', 'Shift', 'Esc'],
    ['This list', 'Ctrl', '/'],
    ['Edit your last message', '↑'],
  ] as const) {
    const line = sheet(chat).locator('dl > div', { hasText: what });
    await expect(line.locator('kbd')).toHaveText(keys);
  }
  await chat.page.keyboard.press('Escape');
  await expect(sheet(chat)).toHaveCount(0);
  await expect(chat.composer('general')).toBeFocused();

  await chat.account.focus();
  await chat.page.keyboard.press('Enter');
  await chat.page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
  await expect(sheet(chat)).toBeVisible();
  await sheet(chat).getByRole('button', { name: 'Close' }).click();
  await expect(sheet(chat)).toHaveCount(0);
  await expect(chat.account).toBeFocused();

  const left = await chat.page.evaluate(() => {
    const press = (init: KeyboardEventInit) =>
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
    return { find: press({ key: 'f', ctrlKey: true }), jump: press({ key: 'k', ctrlKey: true }) };
  });
  expect(left, 'whether the browser may act').toEqual({ find: true, jump: false });
});

test.describe('on a Mac', () => {
  test.use({ userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)' });

  test('22 the keys have the names they have there', async ({ ann }) => {
    await ann.context.addInitScript(() => {
      Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' });
      Object.defineProperty(navigator, 'userAgentData', { get: () => undefined });
    });
    const chat = await ann.opens();
    await chat.page.keyboard.press('Meta+k');
    await expect(field(chat)).toBeFocused();
    await chat.page.keyboard.press('Escape');
    await expect(switcher(chat)).toHaveCount(0);
    await chat.page.keyboard.press('Meta+/');
    await expect(sheet(chat).locator('dl > div', { hasText: 'The unread room below' }).locator('kbd')).toHaveText([
      '⌥',
      '⇧',
      '↓',
    ]);
  });
});
