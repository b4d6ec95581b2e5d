import type { Locator } from '@playwright/test';
import { accessible } from './axe.ts';
import type { Chat } from './chat.ts';
import { Person } from './people.ts';
import { expect, password, test } from './test.ts';

/** The line "New messages" and the message under it, in a room. */
const line = (chat: Chat, room: string, text: string): Locator =>
  chat
    .log(room)
    .locator('[data-line]')
    .filter({ hasText: 'New messages' })
    .locator('xpath=..')
    .getByRole('article')
    .filter({ hasText: text });

/** How much of a room's link stands out: its weight, and the number on it. */
const look = (chat: Chat, room: string) =>
  chat.room(room).evaluate((link) => ({
    bold: Number(getComputedStyle(link).fontWeight) >= 600,
    number: link.querySelector('[class*="forMe"]')?.textContent ?? null,
  }));

test('28. bold is unread, a number is mentions, a muted room stays quiet; marked unread, a room stays so on both devices', async ({
  ann,
  joins,
  browserFor,
  server,
}) => {
  const bob = await joins('bob');
  const context = await browserFor();
  const laptop = new Person('ann', password, server, context);
  await laptop.post('/api/auth/login', { name: 'ann', password });
  const near = await ann.opens('help');
  const far = await laptop.opens('general');
  await bob.says('help', 'welcome');
  await near.hears('help', 'welcome');
  const readN = async () => (await (await ann.api.get('/api/rooms/help')).json()).read_n;
  await expect.poll(readN, 'what ann has read').toBe(1);
  await near.switchTo('general');
  const both = [near, far];

  await bob.says('help', 'nothing in particular');
  for (const chat of both) await expect.poll(() => look(chat, 'help')).toEqual({ bold: true, number: null });
  await bob.says('help', 'and you, @ann?');
  await bob.says('help', '`@ann` is a name in code');
  for (const chat of both) await expect.poll(() => look(chat, 'help')).toEqual({ bold: true, number: '1' });
  await expect(near.room('help')).toHaveAccessibleName('help, 3 unread, 1 names you');
  await expect(near.page).toHaveTitle('(3) #general');

  // Muted by the menu of the room's link, on one device; both are quiet.
  await near.room('help').click({ button: 'right' });
  const menu = near.page.getByRole('menu', { name: 'Actions for help' });
  await expect(menu).toBeVisible();
  await accessible(near.page, '[role="menu"]', 'the menu of a room');
  await menu.getByRole('menuitem', { name: 'Mute the room' }).click();
  for (const chat of both) await expect.poll(() => look(chat, 'help')).toEqual({ bold: false, number: null });
  for (const chat of both) await expect(chat.page).toHaveTitle('#general');
  await near.room('help').focus();
  await near.page.keyboard.press('Shift+F10');
  await menu.getByRole('menuitemradio', { name: 'Nothing' }).click();
  await menu.getByRole('menuitem', { name: 'Unmute the room' }).click();
  await expect(near.room('help')).toBeFocused();
  for (const chat of both) await expect.poll(() => look(chat, 'help')).toEqual({ bold: true, number: '1' });

  // What names me stands in the view of mentions, with what leads to it.
  await near.page.getByRole('button', { name: 'Mentions, 1 unread' }).click();
  const mentions = near.page.getByRole('complementary', { name: 'Mentions' });
  await expect(mentions.getByRole('link')).toHaveCount(1);
  await accessible(near.page, '[data-panel]', 'the list of mentions');
  await mentions.getByRole('link', { name: /and you, @ann/ }).click();
  await expect(near.message('help', 'and you, @ann?')).toHaveAttribute('aria-current', 'true');
  for (const chat of both) await expect(chat.room('help')).toHaveAccessibleName('help');

  // Marked unread with the room on screen: it stays so, with the line where it was, until the room is opened anew.
  await far.switchTo('help');
  await near.message('help', 'and you, @ann?').hover();
  await near.message('help', 'and you, @ann?').getByRole('button', { name: 'More', exact: true }).click();
  await near.page.getByRole('menuitem', { name: 'Mark as unread from here' }).click();
  for (const chat of both) await expect(chat.room('help')).toHaveAccessibleName('help, 2 unread, 1 names you');
  for (const chat of both) await expect(line(chat, 'help', 'and you, @ann?')).toBeVisible();
  await bob.says('help', 'one more');
  for (const chat of both) await expect(chat.room('help')).toHaveAccessibleName('help, 3 unread, 1 names you');
  for (const chat of both) await expect(line(chat, 'help', 'and you, @ann?')).toBeVisible();
  await far.switchTo('general');
  await expect(far.room('help')).toHaveAccessibleName('help, 3 unread, 1 names you');
  await far.switchTo('help');
  await expect(line(far, 'help', 'and you, @ann?')).toBeVisible();
  for (const chat of both) await expect(chat.room('help')).toHaveAccessibleName('help');
});

test('catching up: mentions first, by keyboard from place to place, and what was marked is read', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const { id: root } = await ann.post<{ id: string }>('/api/messages', { room: 'general', content: 'shall we move?' });
  await bob.post('/api/messages', { room: 'general', content: 'in May, I think', thread: root });
  const chat = await ann.opens('general');
  await bob.says('random', 'first in random');
  await bob.says('random', 'second in random');
  await bob.says('help', 'ask @ann about it');
  const { page } = chat;
  await page.getByRole('link', { name: 'Catch up' }).click();
  await expect(page).toHaveURL(/\/catchup$/);
  const places = page.getByRole('list', { name: 'Rooms and threads with news' }).getByRole('region');
  await expect(places).toHaveCount(3);
  const names = () => places.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  await expect
    .poll(names)
    .toEqual(['What is new in help', 'What is new in Thread: shall we move?', 'What is new in random']);
  await expect(places.nth(0)).toBeFocused();
  await expect(places.nth(0)).toContainText('ask @ann about it');
  await expect(places.nth(1)).toContainText('in May, I think');
  await expect(places.nth(2)).toContainText('first in random');
  await accessible(page, 'main', 'the view of what is new');

  await page.keyboard.press('j');
  await expect(places.nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await expect(places.nth(0)).toBeFocused();
  await page.keyboard.press('e');
  await expect(places).toHaveCount(2);
  await expect(page.getByRole('region', { name: 'What is new in Thread: shall we move?' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(places).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'What is new in random' })).toBeFocused();
  // What comes in meanwhile stands at the end; a press does the same as the key.
  await bob.says('general', '@ann, are you there?');
  await expect.poll(names).toEqual(['What is new in random', 'What is new in general']);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const name of ['random', 'general'])
    await page
      .getByRole('region', { name: `What is new in ${name}` })
      .getByRole('button', { name: 'Mark as read' })
      .click();
  await expect(page.getByRole('heading', { name: 'You have seen everything' })).toBeFocused();

  await expect
    .poll(async () => {
      const { rooms } = await (await ann.api.get('/api/rooms')).json();
      const { threads } = await (await ann.api.get('/api/threads/unread')).json();
      return [threads, ...rooms.map((room: { unread: number }) => room.unread)];
    })
    .toEqual([0, 0, 0, 0]);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'You have seen everything' })).toBeVisible();
});
