import type { Locator, Page } from '@playwright/test';
import { accessible } from './axe.ts';
import type { Chat } from './chat.ts';
import { Person } from './people.ts';
import { expect, test } from './test.ts';

/** An input method that composes in the field with the focus, as one for Japanese does. */
async function inputMethod(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  return {
    compose: (text: string) =>
      cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length }),
    enter: () =>
      cdp.send('Input.dispatchKeyEvent', {
        type: 'rawKeyDown',
        key: 'Enter',
        code: 'Enter',
        windowsVirtualKeyCode: 229,
      }),
    commit: (text: string) => cdp.send('Input.insertText', { text }),
  };
}

const value = (chat: Chat, room = 'general') => expect(chat.composer(room));

test('11 Enter sends, Shift+Enter breaks the line, and the Enter that ends a composition does not send', async ({
  ann,
}) => {
  const chat = await ann.opens();
  const { page } = chat;
  const box = chat.composer('general');
  await expect(box).toBeFocused();
  await page.keyboard.type('one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('two');
  await value(chat).toHaveValue('one\ntwo');
  await page.keyboard.press('Enter');
  await chat.hears('general', /one\s*two/);
  await value(chat).toHaveValue('');
  await expect(box).toBeFocused();

  const ime = await inputMethod(page);
  await ime.compose('にほん');
  await ime.enter();
  await value(chat).toHaveValue('にほん');
  await ime.commit('日本');
  await value(chat).toHaveValue('日本');
  await page.keyboard.press('Enter');
  await value(chat).toHaveValue('');
  await chat.hears('general', '日本');
  await expect(chat.message('general', 'にほん')).toHaveCount(0);
});

test('13 @ offers people, those who are here first; arrows choose, Tab and Enter accept, and Ctrl+Z takes it back', async ({
  ann,
  joins,
}) => {
  const mary = await joins('mary jane.o-neil');
  await mary.put('/api/me', { display: 'Mary Jane' });
  const bob = await joins('bob');
  const chat = await ann.opens();
  await bob.opens();
  await expect(chat.online('general', 2)).toBeVisible();
  const { page } = chat;
  const box = chat.composer('general');
  const people = chat.suggestions('People');

  await page.keyboard.type('ask @');
  await expect(people).toHaveText([/bob.*Here now/s, /@here/, /@room/, /Mary Jane.*mary jane\.o-neil.*Not here/s]);
  await expect(box).toHaveAttribute('aria-expanded', 'true');
  await expect(people.first()).toHaveAttribute('aria-selected', 'true');
  await accessible(page, 'main', 'the composer with suggestions');
  await page.keyboard.press('ArrowUp');
  await expect(people.last()).toHaveAttribute('aria-selected', 'true');
  await expect(box).toHaveAttribute('aria-activedescendant', (await people.last().getAttribute('id')) ?? '');
  await page.keyboard.press('ArrowDown');
  await expect(people.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  await value(chat).toHaveValue('ask @mary jane.o-neil ');
  await expect(people).toHaveCount(0);
  await expect(box).toBeFocused();
  await page.keyboard.press('Control+z');
  await value(chat).toHaveValue('ask @');
  await expect(people).toHaveCount(4);

  await page.keyboard.type('JANE');
  await expect(people).toHaveText([/Mary Jane/]);
  await page.keyboard.press('Enter');
  await value(chat).toHaveValue('ask @mary jane.o-neil ');
  await page.keyboard.type('and @mary j');
  await expect(people).toHaveCount(1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await chat.hears('general', 'ask @mary jane.o-neil and @mary jane.o-neil');

  // The rest of a word is not left over, and what stands around it stays.
  await page.keyboard.type('hi bob!');
  for (let n = 0; n < 4; n++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('@');
  await expect(people).toHaveText([/bob/, /@here/, /@room/, /Mary/]);
  await page.keyboard.press('Tab');
  await value(chat).toHaveValue('hi @bob !');
});

test('13 Esc closes the suggestions alone, and Enter then sends; an address or a heading asks for nobody', async ({
  ann,
  joins,
}) => {
  await joins('bob');
  const chat = await ann.opens();
  const { page } = chat;
  const people = chat.suggestions('People');
  await page.keyboard.type('mail @b');
  await expect(people).toHaveText([/bob/]);
  await page.keyboard.press('Escape');
  await expect(people).toHaveCount(0);
  await expect(chat.composer('general')).toBeFocused();
  await page.keyboard.type('o');
  await value(chat).toHaveValue('mail @bo');
  await expect(people).toHaveCount(0);
  await page.keyboard.press('Enter');
  await chat.hears('general', 'mail @bo');

  await page.keyboard.type('@b');
  await expect(people).toHaveCount(1);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('me@b');
  await expect(people).toHaveCount(0);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('# bob');
  await expect(chat.suggestions('Rooms')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await chat.hears('general', 'bob');

  // Without the focus there is nothing to complete.
  await page.keyboard.type('@b');
  await expect(people).toHaveCount(1);
  await chat.sendButton.focus();
  await expect(people).toHaveCount(0);
});

test('13 # offers rooms and : offers emoji after two letters, by the keyboard and the mouse', async ({ ann }) => {
  const chat = await ann.opens();
  const { page } = chat;
  const rooms = chat.suggestions('Rooms');
  const emoji = chat.suggestions('Emoji');
  await page.keyboard.type('see #');
  await expect(rooms).toHaveText([/general/, /help/, /random/]);
  await rooms.filter({ hasText: 'random' }).click();
  await value(chat).toHaveValue('see #random ');
  await expect(chat.composer('general')).toBeFocused();

  await page.keyboard.type(':r');
  await expect(chat.composer('general')).not.toHaveAttribute('aria-expanded');
  await page.keyboard.type('ocket');
  await expect(emoji.first()).toHaveText(/🚀.*:rocket:/s);
  await page.keyboard.press('Enter');
  await value(chat).toHaveValue('see #random 🚀 ');
  await page.keyboard.type(':robot');
  await expect(emoji.first()).toHaveText(/:robot:/);
  await page.keyboard.type(':');
  await page.keyboard.press('Enter');
  await chat.hears('general', 'see #random 🚀 🤖');

  // The Enter of an input method neither accepts nor sends.
  const ime = await inputMethod(page);
  await page.keyboard.type(':ro');
  await expect(emoji.first()).toBeVisible();
  await ime.compose('c');
  await ime.enter();
  await value(chat).toHaveValue(':roc');
});

test('13 the emoji picker is ours alone: search, skin tone, used last, at the caret, and Esc goes back to its button', async ({
  server,
  ann,
}) => {
  const asked: string[] = [];
  ann.context.on('request', (request) => asked.push(request.url()));
  const chat = await ann.opens();
  const { page } = chat;
  const box = chat.composer('general');
  const button = page.getByRole('button', { name: 'Emoji', exact: true });
  const picker = page.getByRole('dialog', { name: 'Pick an emoji' });
  const search = picker.getByRole('searchbox', { name: 'Search emoji' });
  const cell = (name: string) => picker.getByRole('gridcell', { name, exact: true });
  expect(
    asked.filter((url) => /EmojiPicker-[\w-]+\.js|emoji-names|emoji-\w+\/en/.test(url)),
    'emoji are asked for when they are wanted',
  ).toEqual([]);

  await page.keyboard.type('ab');
  await page.keyboard.press('ArrowLeft');
  await button.click();
  await expect(search).toBeFocused();
  await expect(cell('Grinning face')).toBeVisible();
  await accessible(page, 'main', 'the emoji picker');
  await picker.getByRole('radio', { name: 'Dark skin tone', exact: true }).check();
  await search.fill('waving hand');
  await page.keyboard.press('Enter'); // does not take what stood there before the search
  await value(chat).toHaveValue('a👋🏿b');
  await expect(box).toBeFocused();
  await expect(picker).toHaveCount(0);

  // The tone and what was used stay on this device.
  await page.reload();
  await chat.connected();
  await value(chat).toHaveValue('a👋🏿b');
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(search).toBeFocused();
  await expect(picker.getByRole('region', { name: 'Used last' }).getByRole('button')).toHaveText(['👋🏿']);
  await expect(picker.getByRole('radio', { name: 'Dark skin tone', exact: true })).toBeChecked();
  await search.fill('no such emoji');
  await expect(picker.getByText('No emoji is called “no such emoji”.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(picker).toHaveCount(0);
  await expect(button).toBeFocused();

  // The arrows go through the emoji.
  await page.keyboard.press('Enter');
  await expect(cell('Grinning face')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(picker).toHaveCount(0);
  await value(chat).toHaveValue(/^a👋🏿b\p{Emoji_Presentation}$/u);

  await button.click();
  await expect(search).toBeFocused();
  await page.mouse.click(5, 5);
  await expect(picker).toHaveCount(0);
  const files = asked.filter((url) => /\/assets\/emoji-\w+\/en\//.test(url));
  expect(files.length, 'files of the picker').toBeGreaterThan(0);
  expect(files.filter((url) => !url.startsWith(server.base))).toEqual([]);
});

test('13 with a finger on a narrow screen: suggestions and picker stay inside of it and are tapped; text from right to left stands so', async ({
  ann,
  joins,
  browserFor,
}) => {
  await joins('bob');
  const phone = await browserFor({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  await phone.request.post('/api/auth/login', { data: { name: 'ann', password: ann.password } });
  const chat = await new Person('ann', ann.password, ann.server, phone).opens();
  const { page } = chat;
  const box = chat.composer('general');
  const inside = async (what: Locator) => {
    const { x, y, width, height } = (await what.boundingBox()) ?? { x: -1, y: -1, width: 0, height: 0 };
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(360);
    expect(y + height).toBeLessThanOrEqual(640);
  };
  await box.tap();
  await page.keyboard.type('this line is so long that the sign stands at its end @');
  const people = chat.suggestions('People');
  await expect(people).toHaveText([/@here/, /@room/, /bob/]);
  await inside(page.getByRole('listbox'));
  await people.last().tap();
  await value(chat).toHaveValue(/ @bob $/);
  await expect(box).toBeFocused();
  await page.keyboard.type(':sm');
  await expect(chat.suggestions('Emoji')).toHaveCount(8);
  await inside(page.getByRole('listbox'));
  await page.keyboard.press('Escape');

  await box.fill('');
  await page.getByRole('button', { name: 'Mention somebody' }).tap();
  await people.last().tap();
  await value(chat).toHaveValue('@bob ');
  await page.getByRole('button', { name: 'Emoji', exact: true }).tap();
  const picker = page.getByRole('dialog', { name: 'Pick an emoji' });
  const rocket = picker.getByRole('gridcell', { name: 'Rocket', exact: true });
  await picker.getByRole('searchbox').fill('rocket');
  await expect(rocket).toBeVisible();
  await inside(picker);
  await rocket.tap();
  await value(chat).toHaveValue('@bob 🚀');

  await box.fill('שלום @');
  expect(await box.evaluate((field) => getComputedStyle(field).direction)).toBe('rtl');
  await expect(people.last()).toContainText('bob');
  await inside(page.getByRole('listbox'));
  await people.last().tap();
  await chat.sendButton.tap();
  await chat.hears('general', 'שלום @bob');
});

test('14 drafts are per room, survive a reload, show a pencil, and do not come back once sent from another tab', async ({
  ann,
}) => {
  const chat = await ann.opens();
  const { page } = chat;
  const pencil = (room: string) => chat.draftMark(room);
  await page.keyboard.type('half a thought');
  await expect(pencil('general')).toHaveCount(0); // it stands in front of whoever writes it
  await chat.switchTo('help');
  await value(chat, 'help').toHaveValue('');
  await expect(pencil('general')).toBeVisible();
  await chat.composer('help').pressSequentially('other words');
  await page.reload();
  await chat.showsRoom('help');
  await value(chat, 'help').toHaveValue('other words');
  await expect(pencil('general')).toBeVisible();
  await chat.switchTo('general');
  await value(chat).toHaveValue('half a thought');
  await expect(pencil('general')).toHaveCount(0);
  await expect(pencil('help')).toBeVisible();

  // Another tab has it as well, sends it, and it comes back nowhere.
  const other = await ann.opens('general');
  await value(other).toHaveValue('half a thought');
  await chat.switchTo('random');
  await other.composer('general').press('Enter');
  await other.hears('general', 'half a thought');
  await expect(pencil('general')).toHaveCount(0);
  await chat.switchTo('general');
  await value(chat).toHaveValue('');
  await page.reload();
  await chat.hears('general', 'half a thought');
  await value(chat).toHaveValue('');

  // A tab that was asleep while it was sent still has it in its own memory.
  await chat.composer('general').pressSequentially('sent elsewhere');
  await value(other).toHaveValue('sent elsewhere');
  await page.goto('about:blank');
  await other.composer('general').press('Enter');
  await other.hears('general', 'sent elsewhere');
  await page.goBack();
  await chat.hears('general', 'sent elsewhere');
  await value(chat).toHaveValue('');
});

test('a long text is counted, one that is too long is kept and said to be, and a huge paste neither freezes nor is lost', async ({
  ann,
}) => {
  const chat = await ann.opens();
  const { page } = chat;
  const box = chat.composer('general');
  await box.fill('x'.repeat(7999));
  await expect(page.getByText('1 character left')).toBeVisible();
  await box.fill('🙂'.repeat(8001));
  await expect(page.getByRole('alert')).toHaveText(/^8,001 of 8,000 characters/);
  await expect(chat.sendButton).toBeDisabled();
  await box.press('Enter');
  await value(chat).toHaveValue('🙂'.repeat(8001));
  await box.fill('mine');
  await expect(chat.sendButton).toBeEnabled();

  await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(() => navigator.clipboard.writeText('word '.repeat(200_000)));
  await box.press('Control+v');
  await expect(page.getByRole('alert')).toContainText('1,000,004 characters, of at most 100,000');
  await value(chat).toHaveValue('mine');
  await page.keyboard.type(' still'); // the page answers
  await value(chat).toHaveValue('mine still');
  await expect(page.getByRole('alert')).toHaveCount(0);

  // A picture and what no keyboard has are no trouble either.
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(4, 4);
    canvas.getContext('2d')?.fillRect(0, 0, 4, 4);
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': await canvas.convertToBlob() })]);
  });
  await box.press('Control+v');
  await value(chat).toHaveValue('mine still');
  const garbage = 'a\u0000b\u200e\ufeff\u202e\ud83d\u0301\u{10ffff}<b>&amp;';
  await box.fill(garbage);
  await box.press('Enter');
  await value(chat).toHaveValue('');
  await chat.say('general', 'after it');
  await chat.hears('general', 'after it');
});

test('18 who types is said, of several at once; it goes with their message, after 3 seconds and with idleness', async ({
  server,
  ann,
  joins,
}) => {
  test.slow(); // five browsers
  const mine = await ann.opens();
  const others: Chat[] = [];
  for (const name of ['bob', 'cat', 'dan', 'eve']) others.push(await (await joins(name)).opens());
  const [bob, cat, dan, eve] = others as [Chat, Chat, Chat, Chat];
  const says = (text: string) => mine.typing.filter({ hasText: new RegExp(`^${text}$`) });
  const type = (chats: Chat[], seen: string) =>
    expect(async () => {
      for (const chat of chats) await chat.composer('general').press('.');
      await expect(says(seen)).toHaveCount(1, { timeout: 500 });
    }).toPass({ intervals: [100] });
  await type([bob], 'bob is typing');
  await type([bob, cat], 'bob and cat are typing');
  await type([bob, cat, dan, eve], 'Several people are typing');
  await expect(mine.typing).toHaveCount(0); // 2 s after the last key
  await type([bob], 'bob is typing');
  await bob.composer('general').press('Enter');
  await mine.hears('general', /^.*\.+$/s);
  await expect(mine.typing).toHaveCount(0);
  await expect(bob.typing).toHaveCount(0); // nobody is told of themselves

  // 3 s on this page's clock, with the end of it lost on the way.
  const { page } = mine;
  await page.clock.install();
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
  await cat.composer('general').press('!');
  await expect(async () => {
    await page.clock.runFor(20);
    await expect(says('cat is typing')).toHaveCount(1, { timeout: 200 });
  }).toPass({ intervals: [20] });
  server.pause();
  await page.clock.runFor(2900);
  await expect(says('cat is typing')).toHaveCount(1);
  await page.clock.runFor(200);
  await expect(mine.typing).toHaveCount(0);
  server.resume();
});

test('18 whoever types tells of it at most once in 2 seconds', async ({ ann }) => {
  const told: number[] = [];
  const page = await ann.context.newPage();
  await page.clock.install();
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (JSON.parse(String(payload)).type === 'typing') told.push(elapsed);
    }),
  );
  let elapsed = 0;
  await page.goto('/rooms/general');
  await expect(page.getByRole('status').filter({ hasText: /^Connected/ })).toBeVisible();
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
  for (; elapsed <= 10_000; elapsed += 500) {
    await page.keyboard.type('x');
    await page.clock.runFor(500);
  }
  await expect.poll(() => told.length).toBeGreaterThanOrEqual(4);
  expect(told.length).toBeLessThanOrEqual(5);
  for (const [n, at] of told.entries()) expect(at - (told[n - 1] ?? -2000)).toBeGreaterThanOrEqual(2000);
});
