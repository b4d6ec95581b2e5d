import { join } from 'node:path';
import process from 'node:process';
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, Page } from '@playwright/test';
import { furnish } from './furnish.ts';
import {
  announcementScreen,
  chatScreens,
  disconnectedScreen,
  entryScreens,
  messageScreens,
  readOnlyScreen,
  roomScreens,
  type Screen,
  settingsScreens,
  setupScreen,
} from './screens.ts';
import { expect, test } from './test.ts';

const shots = join(import.meta.dirname, '..', 'shots');
const desk = { width: 1440, height: 900 };
const phone = { width: 360, height: 740 };
/** What a window of 1280 by 800 leaves at 200 % zoom. */
const zoomed = { width: 640, height: 400 };

test.use({ flags: ['--guests'], viewport: desk, colorScheme: 'light' });

/**
 * What Base UI lays around an open menu or dialog to keep the keyboard in it. axe takes these for hidden elements that
 * hold the focus; they pass it on, which is tested below.
 */
const guards = '[data-base-ui-focus-guard]';

/** The rules of axe that look at colours: all that can differ between two themes of one document. */
const ofColour = ['color-contrast', 'link-in-text-block'];

/** Fails if axe finds anything serious in what is shown or if it has to be scrolled sideways; make shots has it photographed, too. */
async function look(
  page: Page,
  { name, part }: Screen,
  suffix: string,
  narrow = (axe: AxeBuilder) => axe,
): Promise<void> {
  if (process.env.PARLEY_SHOTS)
    await page.screenshot({ path: join(shots, `${name}-${suffix}.png`), animations: 'disabled', caret: 'hide' });
  // Legacy mode differs in pages with frames of others alone, of which there are none, and opens no tab for the result.
  const axe = new AxeBuilder({ page }).setLegacyMode().exclude(guards);
  if (part) axe.include(part);
  const { violations } = await narrow(axe).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, target }) => `${target} ${html}`).join('; ')}`);
  expect.soft(serious, `what axe finds on ${name}, ${suffix}`).toEqual([]);
  await fits(page, `${name}, ${suffix}`);
}

async function fits(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(wide, `pixels of ${what}, beyond the edge`).toBe(0);
}

/** What can be used on the page and cannot be brought into view whole, or lies under something else there. */
function outOfReach(): string[] {
  const top = document.querySelector('[role="menu"]') ?? document.querySelector('[role="dialog"]') ?? document.body;
  const controls = [...top.querySelectorAll<HTMLElement>('a[href], button, input, textarea, select, [tabindex="0"]')];
  return controls
    .filter((control) => {
      const seen = control.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      const label = control.closest('label');
      const { width, height } = (label ?? control).getBoundingClientRect();
      if (!seen || width <= 1 || height <= 1 || control.closest('[inert], [aria-hidden="true"]')) return false;
      const place = label ?? control;
      place.scrollIntoView({ block: 'center', inline: 'center' });
      const box = place.getBoundingClientRect();
      const x = box.left + box.width / 2;
      const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
      const hit = document.elementFromPoint(x, y);
      const reached = hit !== null && (place.contains(hit) || hit.contains(place));
      return !reached || box.left < -1 || box.right > innerWidth + 1;
    })
    .map((control) => control.outerHTML.slice(0, 120));
}

/**
 * Looks at screens in one tab: on a desk, light and dark, at 200 % zoom, where every control must be within reach, and on a phone,
 * which shows them as they are at 200 %, but for their size.
 */
async function lookAtAll(context: BrowserContext, screens: Screen[]): Promise<void> {
  const page = await context.newPage();
  for (const screen of screens) {
    await page.setViewportSize(desk);
    await screen.go(page);
    await look(page, screen, 'light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await look(page, screen, 'dark', (axe) => axe.withRules(ofColour));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(zoomed);
    if (screen.anew) await screen.go(page);
    await fits(page, `${screen.name} at 200 %`);
    const lost = await page.evaluate(outOfReach);
    expect.soft(lost, `controls of ${screen.name} that cannot be reached at 200 %`).toEqual([]);
    await page.setViewportSize(phone);
    await look(page, screen, '360', (axe) => axe.disableRules(ofColour));
  }
  await page.close();
}

test('24 and 30: axe finds nothing serious, and at 200 % zoom nothing is lost, on the set-up and entry screens', async ({
  server,
  browserFor,
}) => {
  test.slow(); // many screens
  const stranger = await browserFor();
  await lookAtAll(stranger, [setupScreen(await server.setupLink())]);
  const owner = await browserFor();
  const setup = await server.setupCode();
  await owner.request.post('/api/auth/register', { data: { name: 'ann', password: 'correct horse battery', setup } });
  const { code } = await (await owner.request.post('/api/invites', { data: {} })).json();
  await lookAtAll(stranger, entryScreens(code));
});

test('24 and 30: axe finds nothing serious, and at 200 % zoom nothing is lost, on the screens of the chat', async ({
  server,
  ann,
  joins,
}) => {
  test.slow(); // many screens
  const bob = await joins('bob');
  await furnish(ann, bob);
  await bob.opens();
  await lookAtAll(ann.context, [...chatScreens(), disconnectedScreen(server)]);
});

test('24 and 30: axe finds nothing serious, and at 200 % zoom nothing is lost, on the screens of what is done with messages, and of the lists of those for oneself', async ({
  ann,
  joins,
}) => {
  test.slow(); // many screens
  const bob = await joins('bob');
  await furnish(ann, bob);
  await lookAtAll(ann.context, messageScreens());
});

test('24 and 30: axe finds nothing serious, and at 200 % zoom nothing is lost, on the screens of rooms of other kinds, their members and details', async ({
  ann,
  joins,
}) => {
  test.slow(); // many screens
  const bob = await joins('bob');
  await furnish(ann, bob);
  await lookAtAll(ann.context, roomScreens());
  await lookAtAll(bob.context, [readOnlyScreen()]);
});

test('24 and 30: axe finds nothing serious, and at 200 % zoom nothing is lost, on the screens of the settings', async ({
  ann,
  joins,
}) => {
  test.slow(); // many screens
  await furnish(ann, await joins('bob'));
  await lookAtAll(ann.context, [...settingsScreens(), announcementScreen()]);
});

test('24 the keyboard stays in an open dialog, leaves a menu by closing it, and comes back to where it was', async ({
  ann,
}) => {
  const { page, account } = await ann.opens();
  const focused = page.locator(':focus');
  await account.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menu')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(
    page.getByRole('menu').getByRole('menuitem').or(page.getByRole('menuitemradio')).and(focused),
  ).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(account).toBeFocused();

  const button = page.getByRole('button', { name: 'New room' });
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New room' });
  await expect(dialog).toBeVisible();
  const first = dialog.getByRole('button', { name: 'Close' });
  const last = dialog.getByRole('button', { name: 'Make the room' });
  await last.focus();
  await page.keyboard.press('Tab');
  await expect(first).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(last).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(button).toBeFocused();
});

/** The lengths in ms of what moves on the page now, and of what would. */
function motion(): number[] {
  const running = document.getAnimations().map((a) => Number(a.effect?.getComputedTiming().activeDuration ?? 0));
  const styles = [...document.querySelectorAll('*')].map((element) => getComputedStyle(element));
  const longest = (list: string) => Math.max(...list.split(', ').map((time) => Number.parseFloat(time) * 1000));
  return [
    ...running,
    ...styles.filter((s) => s.animationName !== 'none').map((s) => longest(s.animationDuration)),
    ...styles.filter((s) => s.transitionProperty !== 'none').map((s) => longest(s.transitionDuration)),
  ].filter((ms) => ms > 1);
}

test('30 prefers-reduced-motion is honoured: nothing moves, and otherwise nothing moves for longer than 150 ms', async ({
  ann,
}) => {
  const { page, account } = await ann.opens();
  const opened = async (reducedMotion: 'reduce' | 'no-preference') => {
    await page.emulateMedia({ reducedMotion });
    await account.click();
    await expect(page.getByRole('menu')).toBeVisible();
    const inMenu = await page.evaluate(motion);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toHaveCount(0);
    await page.getByRole('button', { name: 'New room' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    const inDialog = await page.evaluate(motion);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    return [...inMenu, ...inDialog];
  };
  expect(await opened('reduce')).toEqual([]);
  const moving = await opened('no-preference');
  expect(moving.length, 'things that move where that is welcome').toBeGreaterThan(0);
  expect(moving.filter((ms) => ms > 150)).toEqual([]);
});

test('30 prefers-color-scheme is honoured, at once, unless a theme was chosen', async ({ ann }) => {
  const { page, account } = await ann.opens();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(background).not.toBe(light);
  await account.click();
  await page.getByRole('menuitemradio', { name: 'Light' }).click();
  await expect.poll(background).toBe(light);
});
