import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { entryScreens, furnish, ownerScreens, setupScreen, tour } from './screens.ts';
import { expect, test } from './test.ts';

const shots = join(import.meta.dirname, '..', 'shots');
const desk = { width: 1440, height: 900 };
const phone = { width: 360, height: 740 };

/** Photographs a screen and fails if axe finds anything serious or if it has to be scrolled sideways. */
function look(suffix: string) {
  return async (page: Page, name: string) => {
    await page.screenshot({ path: join(shots, `${name}-${suffix}.png`), animations: 'disabled', caret: 'hide' });
    const { violations } = await new AxeBuilder({ page }).analyze();
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
  { suffix: '360-light', viewport: phone, colorScheme: 'light' },
  { suffix: '360-dark', viewport: phone, colorScheme: 'dark' },
] as const) {
  test.describe(suffix, () => {
    test.use({ flags: ['--guests'], viewport, colorScheme });

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
