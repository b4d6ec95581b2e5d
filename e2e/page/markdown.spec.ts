import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import type { Chat } from './chat.ts';
import { expect, test } from './test.ts';

const much = [
  'Bring **bread**, *not* ~~cake~~ and run `tide --today`:',
  '',
  '- one',
  '- two',
  '  1. a',
  '',
  '> as [she](https://a.example/she?x=1&y=2) said',
  '',
  '```go',
  'func main() { // say it',
  '\tprintln("a <b>", 42)',
  '}',
  '```',
].join('\n');

/** The article of a message that has an element of the given kind. */
const withIn = (chat: Chat, selector: string): Locator =>
  chat
    .log('general')
    .getByRole('article')
    .filter({ has: chat.page.locator(selector) });

/** What a message is made of: names of elements with their text, in order. */
function shape(message: Locator): Promise<string[]> {
  return message.evaluate((article) =>
    [...article.querySelectorAll('strong, em, del, code, ul, ol, li, blockquote, a, pre, br')].map(
      (e) => `${e.localName} ${e.textContent}`,
    ),
  );
}

test('Markdown looks the same to who wrote it, to who reads it, and after a reload', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const [mine, theirs] = [await ann.opens(), await bob.opens()];
  await mine.say('general', much);
  const seen = await shape(withIn(theirs, 'pre'));
  expect(seen.filter((part) => !part.startsWith('li') && !part.startsWith('ul'))).toEqual([
    'strong bread',
    'em not',
    'del cake',
    'code tide --today',
    'ol a',
    'blockquote as she said',
    'a she',
    'pre func main() { // say it\n\tprintln("a <b>", 42)\n}',
    'code func main() { // say it\n\tprintln("a <b>", 42)\n}',
  ]);
  await expect(withIn(mine, 'pre')).toHaveCount(1);
  expect(await shape(withIn(mine, 'pre'))).toEqual(seen);
  const link = theirs.log('general').getByRole('link', { name: 'she', exact: true });
  await expect(link).toHaveAttribute('href', 'https://a.example/she?x=1&y=2');
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
  await expect(link).toHaveAttribute('target', '_blank');
  for (const chat of [mine, theirs]) {
    await chat.page.reload();
    await expect(withIn(chat, 'pre')).toHaveCount(1);
    expect(await shape(withIn(chat, 'pre'))).toEqual(seen);
  }
});

test('plain stays plain: letter by letter, and nothing is sent beside it', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  const theirs = await bob.opens();
  const said = ['snake_case_name, 2 * 3 and *one star', '#general at 12:30 >:(', 'two\n\n   lines  and spaces'];
  for (const text of said) await mine.say('general', text);
  for (const chat of [mine, theirs]) {
    for (const text of said) {
      const paragraph = chat.log('general').getByText(text.split('\n').at(-1) ?? '');
      await expect(paragraph).toHaveCount(1);
      expect(await paragraph.evaluate((p) => p.textContent)).toBe(text);
    }
  }
  const history = await ann.api.get('/api/messages?room=general');
  expect(await history.text()).not.toContain('"html"');
});

test('a few emoji alone are large, for who wrote them at once', async ({ ann }) => {
  const mine = await ann.opens();
  const size = (text: string) =>
    mine
      .log('general')
      .getByText(text, { exact: true })
      .evaluate((p) => Number.parseFloat(getComputedStyle(p).fontSize));
  for (const text of ['🎉👩‍🚀', '🎉 then', '🎉'.repeat(13)]) {
    await mine.say('general', text);
    await expect(mine.log('general').getByText(text, { exact: true })).toBeVisible();
  }
  const normal = await size('🎉 then');
  expect(await size('🎉👩‍🚀')).toBeGreaterThan(1.8 * normal);
  expect(await size('🎉'.repeat(13))).toBe(normal);
});

test('code is copied whole by its button, and by keyboard', async ({ ann }) => {
  await ann.context.grantPermissions(['clipboard-write']);
  const mine = await ann.opens();
  await mine.say('general', '```js\nlet a = 1; // one\n\nlet b = `<two>`;\n```');
  const copy = withIn(mine, 'pre').getByRole('button', { name: 'Copy code' });
  await copy.focus();
  await mine.page.keyboard.press('Enter');
  await expect(withIn(mine, 'pre').getByRole('status')).toHaveText('Copied');
  await mine.composer('general').press('ControlOrMeta+V');
  await expect(mine.composer('general')).toHaveValue('let a = 1; // one\n\nlet b = `<two>`;');
});

/** How far an element can be scrolled sideways. */
const beyond = (element: Locator) => element.evaluate((e) => e.scrollWidth - e.clientWidth);

async function serious(page: Page): Promise<unknown[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().include('article').analyze();
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => [v.id, v.nodes.map((n) => n.html)]);
}

test('at 360 px long code scrolls within its box, by keyboard as well; words wrap, and colours have contrast in both themes', async ({
  ann,
}) => {
  const mine = await ann.opens();
  await mine.page.setViewportSize({ width: 360, height: 640 });
  await ann.says(
    'general',
    `\`\`\`go\nfunc a() string { return "${'x'.repeat(200)}" } // ${'long '.repeat(20)}42\n\`\`\``,
  );
  await ann.says(
    'general',
    `\`\`\`diff\n-old\n+new\n\`\`\`\n**${'w'.repeat(300)}** \`${'c'.repeat(300)}\`\n> ${'q'.repeat(300)}`,
  );
  const code = mine.log('general').getByRole('group', { name: 'Code, go' });
  await expect(code).toBeVisible();
  await expect(mine.log('general').getByRole('group', { name: 'Code, diff' })).toBeVisible();
  expect(await beyond(code)).toBeGreaterThan(500);
  expect(await beyond(mine.page.locator('html'))).toBe(0);
  expect(await beyond(mine.log('general'))).toBe(0);
  await code.focus();
  await mine.page.keyboard.press('ArrowRight');
  await expect.poll(() => code.evaluate((e) => e.scrollLeft)).toBeGreaterThan(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await mine.page.emulateMedia({ colorScheme });
    expect(await serious(mine.page), colorScheme).toEqual([]);
  }
});
