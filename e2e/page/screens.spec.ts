import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { entryScreens, furnish, ownerScreens, setupScreen, tour } from './screens.ts';
import { expect, test } from './test.ts';

const shots = join(import.meta.dirname, '..', 'shots');
const desk = { width: 1440, height: 900 };
const phone = { width: 360, height: 740 };

/**
 * What Base UI lays around an open menu or dialog to keep the keyboard in it. axe takes these for hidden elements that
 * hold the focus; they pass it on, which is tested below.
 */
const guards = '[data-base-ui-focus-guard]';

/** Photographs a screen and fails if axe finds anything serious or if it has to be scrolled sideways. */
function look(suffix: string) {
  return async (page: Page, name: string) => {
    await page.screenshot({ path: join(shots, `${name}-${suffix}.png`), animations: 'disabled', caret: 'hide' });
    // Legacy mode differs in pages with frames of others alone, of which there are none, and opens no tab for the result.
    const axe = new AxeBuilder({ page }).setLegacyMode().exclude(guards);
    const { violations } = await axe.analyze();
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, target }) => `${target} ${html}`).join('; ')}`,
      );
    expect.soft(serious, `what axe finds on ${name}, ${suffix}`).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(wide, `pixels of ${name}, ${suffix}, beyond the edge`).toBe(0);
  };
}

for (const { suffix, viewport, colorScheme } of [
  { suffix: 'light', viewport: desk, colorScheme: 'light' },
  { suffix: 'dark', viewport: desk, colorScheme: 'dark' },
  { suffix: '360', viewport: phone, colorScheme: 'light' },
] as const) {
  test.describe(suffix, () => {
    test.use({ flags: ['--guests'], viewport, colorScheme });
    test.slow(); // many screens

    test('nothing on the set-up and entry screens keeps anybody out', async ({ server, browserFor }) => {
      const stranger = await browserFor();
      await tour(stranger, [setupScreen(await server.setupLink())], look(suffix));
      const owner = await browserFor();
      const setup = await server.setupCode();
      await owner.request.post('/api/auth/register', {
        data: { name: 'ann', password: 'correct horse battery', setup },
      });
      const { code } = await (await owner.request.post('/api/invites', { data: {} })).json();
      await tour(stranger, entryScreens(code), look(suffix));
    });

    test('nothing on the screens of the chat and the settings keeps anybody out', async ({ server, ann, joins }) => {
      const bob = await joins('bob');
      await furnish(ann, bob);
      await bob.opens();
      await tour(ann.context, ownerScreens(server), look(suffix));
    });
  });
}

test('the keyboard stays in an open dialog, leaves a menu by closing it, and comes back to where it was', async ({
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
