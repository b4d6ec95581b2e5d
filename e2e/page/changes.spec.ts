import { Cable } from './cable.ts';
import type { Chat } from './chat.ts';
import { Person } from './people.ts';
import { expect, test } from './test.ts';

test.use({ flags: ['--rate-limits', 'off'] });

const editor = (chat: Chat) => chat.page.getByRole('textbox', { name: 'Edit message' });
const toolbar = (chat: Chat) => chat.page.getByRole('toolbar', { name: 'Message actions' });
const picker = (chat: Chat) => chat.page.getByRole('dialog', { name: 'Pick an emoji' });
const item = (chat: Chat, name: string) => chat.page.getByRole('menuitem', { name });

/** Says something over REST and returns its path there. */
async function says(person: Person, content: string): Promise<string> {
  const { id } = await person.post<{ id: string }>('/api/messages', { room: 'general', content });
  return `/api/rooms/general/messages/${id}`;
}

async function edits(person: Person, path: string, content: string): Promise<void> {
  const answer = await person.api.patch(path, { data: { content } });
  expect(answer.ok(), `PATCH ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
}

async function deletes(person: Person, path: string): Promise<void> {
  expect((await person.api.delete(path)).status()).toBe(204);
}

/** Opens the menu of a message and chooses. */
async function chooses(chat: Chat, text: string | RegExp, what: string): Promise<void> {
  await chat.message('general', text).hover();
  await chat.message('general', text).getByRole('button', { name: 'More' }).click();
  await item(chat, what).click();
}

test('12 up-arrow in an empty composer edits my last message; Esc cancels, Enter saves', async ({ ann, joins }) => {
  const bob = await joins('bob');
  await says(ann, 'my first');
  const mine = await says(ann, 'my last');
  await says(bob, 'of somebody else');
  const chat = await ann.opens();
  const box = chat.composer('general');
  await chat.hears('general', 'of somebody else');

  await box.fill('x');
  await box.press('ArrowUp');
  await expect(editor(chat)).toHaveCount(0);
  await box.fill('');
  await box.press('ArrowUp');
  await expect(editor(chat)).toBeFocused();
  await expect(editor(chat)).toHaveValue('my last');
  await editor(chat).fill('not so');
  await editor(chat).press('Escape');
  await expect(editor(chat)).toHaveCount(0);
  await expect(box).toBeFocused();
  await chat.hears('general', 'my last');

  await box.press('ArrowUp');
  await editor(chat).fill('my very last');
  await editor(chat).press('Enter');
  await expect(editor(chat)).toHaveCount(0);
  await expect(box).toBeFocused();
  await expect(chat.message('general', 'my very last')).toContainText('(edited)');

  // Deleted on another device while it is being edited: the text is kept, and an error says so.
  await box.press('ArrowUp');
  await editor(chat).fill('words that took long');
  await deletes(ann, mine);
  await expect(chat.page.getByRole('alert')).toContainText('deleted meanwhile');
  await editor(chat).press('Enter');
  await expect(editor(chat)).toHaveValue('words that took long');
  await editor(chat).press('Escape');
  await chat.hears('general', 'This message was deleted.');
});

test('23 hover, focus and a long press show what can be done with a message: react, reply, edit and more', async ({
  ann,
  server,
}) => {
  for (const text of ['number 1', 'number 2', 'number 3']) await says(ann, text);
  await ann.context.grantPermissions(['clipboard-write']);
  const chat = await ann.opens();
  const { page } = chat;
  const message = (n: number) => chat.message('general', `number ${n}`);
  /** What pasting gives: the page may not read the clipboard. */
  const copied = async () => {
    await chat.composer('general').fill('');
    await chat.composer('general').press('ControlOrMeta+v');
    const text = await chat.composer('general').inputValue();
    await chat.composer('general').fill('');
    return text;
  };
  await expect(message(3)).toBeVisible();
  await expect(toolbar(chat)).toHaveCount(0);
  await message(1).hover();
  await expect(toolbar(chat)).toHaveCount(1);
  for (const name of ['React', 'Reply in thread', 'Edit', 'More'])
    await expect(toolbar(chat).getByRole('button', { name })).toBeVisible();
  await chooses(chat, 'number 1', 'Copy link');
  await expect(page.getByText('Link copied')).toBeVisible();
  expect(await copied()).toMatch(new RegExp(`^${server.base}/rooms/general/[0-9a-f-]{36}$`));

  // By keyboard: up from the last message, into its actions, and back to the button when the menu closes.
  await chat.composer('general').click();
  await expect(toolbar(chat)).toHaveCount(0);
  await message(3).focus();
  await page.keyboard.press('ArrowUp');
  await expect(message(2)).toBeFocused();
  for (const name of ['React', 'Reply in thread', 'Edit', 'More']) {
    await page.keyboard.press('Tab');
    await expect(message(2).getByRole('button', { name })).toBeFocused();
  }
  await page.keyboard.press('Enter');
  await expect(item(chat, 'Copy text')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(item(chat, 'Copy text')).toHaveCount(0);
  await expect(message(2).getByRole('button', { name: 'More' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await editor(chat).press('Escape');

  await message(2).hover();
  await message(2).getByRole('button', { name: 'React' }).click();
  await picker(chat).getByRole('searchbox').fill('thumbs up');
  await expect(picker(chat).getByRole('gridcell').first()).toBeVisible();
  await picker(chat).getByRole('searchbox').press('Enter');
  await expect(picker(chat)).toHaveCount(0);
  const chip = message(2).getByRole('button', { name: /^You reacted with / });
  await expect(chip).toHaveAttribute('aria-pressed', 'true');
  await chip.click();
  await expect(chip).toHaveCount(0);

  await chooses(chat, 'number 3', 'Delete…');
  const question = page.getByRole('dialog', { name: 'Delete this message?' });
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(message(3).getByRole('button', { name: 'More' })).toBeFocused();
  await chat.hears('general', 'number 3');

  await chat.composer('general').click();
  await page.mouse.move(0, 0);
  await expect(toolbar(chat)).toHaveCount(0);
  const finger = { pointerType: 'touch', pointerId: 7, bubbles: true, clientX: 300, clientY: 300 };
  await message(3).dispatchEvent('pointerdown', finger);
  await expect(toolbar(chat)).toHaveCount(1);
  await message(3).dispatchEvent('pointerup', finger);
  await expect(toolbar(chat)).toHaveCount(1);
  await message(1).dispatchEvent('pointerdown', finger);
  await message(1).dispatchEvent('pointerup', finger);
  await expect(toolbar(chat)).toHaveCount(0);
});

/** All that one sees of the messages, in their order. */
const seen = (chat: Chat) => chat.log('general').getByRole('article').allInnerTexts();

test('edits, deletions, reactions, quotes and pins are seen by others at once, and after a cut as by a fresh load', async ({
  server,
  ann,
  joins,
  browserFor,
}) => {
  const bob = await joins('bob');
  const cable = await Cable.to(server.base);
  const away = new Person('bob', bob.password, server, await browserFor({ baseURL: cable.base }));
  await away.post('/api/auth/login', { name: 'bob', password: bob.password });
  const one = await says(ann, 'the first text');
  const two = await says(ann, 'the second text');
  const three = await says(ann, 'the third text');
  const mine = await ann.opens();
  const theirs = await away.opens();
  await theirs.hears('general', 'the third text');

  // Live, both ways.
  await mine.message('general', 'the first text').hover();
  await toolbar(mine).getByRole('button', { name: 'Edit' }).click();
  await editor(mine).fill('the first text, mended');
  await editor(mine).press('Enter');
  await expect(theirs.message('general', 'the first text, mended')).toContainText('(edited)');
  await ann.api.put(`${two}/reactions/${encodeURIComponent('🎉')}`);
  const party = (chat: Chat) => chat.message('general', 'the second text').getByRole('button', { name: /🎉$/ });
  await expect(party(theirs)).toHaveAccessibleName('ann reacted with 🎉');
  await party(theirs).click();
  await expect(party(mine)).toHaveAccessibleName('You and bob reacted with 🎉');
  await party(mine).click();
  await expect(party(theirs)).toHaveAccessibleName('You reacted with 🎉');

  // A quote is of the message as it is; what is being written loses it with the message.
  await chooses(theirs, 'the third text', 'Quote');
  await expect(theirs.page.getByText('Quoting ann')).toBeVisible();
  await expect(theirs.composer('general')).toBeFocused();
  await theirs.say('general', 'an answer to that');
  const answer = mine.message('general', 'an answer to that');
  await expect(answer.getByRole('link')).toContainText('the third text');
  await expect(theirs.page.getByText('Quoting ann')).toHaveCount(0);
  await chooses(theirs, 'the second text', 'Quote');
  await chooses(theirs, /^(?!.*an answer).*the third text/s, 'Quote');
  await expect(theirs.page.getByText('Quoting ann')).toBeVisible();
  await chooses(mine, 'the first text', 'Pin to the room');
  await expect(theirs.message('general', 'the first text')).toContainText('Pinned');
  const third = mine.message('general', 'the third text').first(); // the other is its quote
  await third.hover();
  await third.getByRole('button', { name: 'More' }).click();
  await item(mine, 'Delete…').click();
  await mine.page.getByRole('button', { name: 'Delete', exact: true }).click();
  for (const chat of [mine, theirs]) {
    await expect(chat.log('general')).not.toContainText('the third text');
    await expect(chat.message('general', 'an answer to that')).toContainText('quoted here was deleted');
  }
  await expect(theirs.page.getByText('Quoting ann')).toHaveCount(0);

  // The panel of pins, and back to where it was opened.
  const pins = theirs.page.getByRole('complementary', { name: 'Pinned in general' });
  await theirs.page.getByRole('button', { name: 'Pinned messages' }).click();
  await expect(pins.getByRole('listitem')).toHaveCount(1);
  await expect(pins).toContainText('the first text, mended');

  // While bob is away.
  cable.cut();
  await expect(theirs.status).toHaveText(/^Reconnecting/);
  await edits(ann, two, 'the second text, mended');
  await ann.api.put(`${two}/reactions/${encodeURIComponent('👍')}`);
  await bob.api.delete(`${two}/reactions/${encodeURIComponent('🎉')}`);
  await deletes(ann, one);
  const four = await says(ann, 'said and mended while bob was away');
  await edits(ann, four, 'mended while bob was away');
  expect((await ann.api.patch(three, { data: { content: 'too late' } })).status(), 'an edit after the deletion').toBe(
    409,
  );
  cable.mend();
  await theirs.hears('general', /^.*mended while bob was away/s);
  await expect(party(theirs)).toHaveCount(0);
  await expect(pins.getByRole('listitem')).toHaveCount(0);
  await theirs.page.keyboard.press('Escape');
  await expect(pins).toHaveCount(0);
  await expect(theirs.log('general').getByText('This message was deleted.')).toHaveCount(2);
  await expect(theirs.message('general', 'the second text, mended').getByRole('button', { name: /👍$/ })).toBeVisible();
  const after = await seen(theirs);
  await theirs.page.reload();
  await theirs.connected();
  await expect.poll(() => seen(theirs)).toEqual(after);
  cable.close();
});
