import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Fails if axe finds anything serious in the parts of a page that a selector names. */
export async function accessible(page: Page, part: string, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().include(part).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, target }) => `${target} ${html}`).join('; ')}`);
  expect.soft(serious, `what axe finds on ${name}`).toEqual([]);
}
