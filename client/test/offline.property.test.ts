/**
 * Two tabs of one browser, in which somebody writes while tabs are reloaded or crash, connections break before or after a
 * message was stored, the server goes away, and the room gets other names, of which the page knows the first: in the end each message is on the server once, in the order in which it was
 * said, and both tabs show just that.
 */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Browser, pass } from './browser.ts';

const TABS = 2;
const step = fc.record({
  tab: fc.nat(TABS - 1),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('say' as const) },
    fc.constantFrom('reload', 'cut', 'die', 'down', 'up', 'wait', 'others', 'rename'),
  ),
});

async function run(locks: boolean, steps: readonly { tab: number; what: string }[]): Promise<void> {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
  const browser = new Browser();
  browser.locks = locks;
  const { server } = browser;
  const tabs = [await browser.opened(), await browser.opened()];
  const said: string[] = [];
  for (const { tab, what } of steps) {
    switch (what) {
      case 'say':
        // A page that was reloaded without anybody to ask knows the room by the name that was kept, or does not know it.
        for (const name of Object.keys(tabs[tab]!.client.getState().rooms).slice(0, 1)) {
          said.push(`message ${said.length + 1}`);
          const { renamed } = tabs[tab]!.client.getState();
          tabs[tab]!.client.send(renamed.general === name ? 'general' : name, said.at(-1)!);
        }
        break;
      case 'reload':
        tabs[tab]!.crash();
        tabs[tab] = await browser.opened();
        break;
      case 'cut':
        server.cut(tabs[tab]!.socket());
        break;
      case 'die':
        server.dying = true;
        break;
      case 'down':
        server.up = false;
        server.cut();
        break;
      case 'up':
        server.up = true;
        break;
      case 'wait':
        await pass(700);
        break;
      case 'others':
        server.says('somebody else');
        break;
      case 'rename':
        server.rename();
        break;
    }
    await pass();
  }
  server.up = true;
  server.dying = false;
  await pass(70_000);
  try {
    const mine = server.log.filter((m) => m.client_id !== '').map((m) => m.content);
    expect(mine).toEqual(said);
    const all = server.log.map((m) => `${m.content} sent`);
    for (const tab of tabs) {
      expect(tab.list()).toEqual(all);
      expect(Object.keys(tab.client.getState().rooms)).toEqual([server.name]);
      expect(tab.client.getState().open).toBe(server.name);
    }
    expect(browser.disk.sends.size).toBe(0);
  } finally {
    browser.stop();
    vi.useRealTimers();
  }
}

test('each message is stored once, in the order in which it was said, and both tabs show that', async () => {
  await fc.assert(fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 25 }), run), {
    numRuns: process.env.PARLEY_SOAK ? 1000 : 60,
  });
}, 600_000);
