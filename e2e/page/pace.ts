import { type CDPSession, type Locator, type Page, test } from '@playwright/test';
import type { Person } from './people.ts';

/** Prints what was measured, and puts it into the report. It is never asserted: a busy machine is no failure. */
export function tell(what: string, value: string): void {
  test.info().annotations.push({ type: 'measured', description: `${what}: ${value}` });
  console.log(`measured  ${what}: ${value}`);
}

/** The value that so great a part (0 to 1) of the values does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** A page's devices, to be made slow. */
export async function devices(page: Page): Promise<{ cdp: CDPSession; cpu: (times: number) => Promise<void> }> {
  const cdp = await page.context().newCDPSession(page);
  return { cdp, cpu: async (rate) => void (await cdp.send('Emulation.setCPUThrottlingRate', { rate })) };
}

/** Says n things in a room, a few at a time. */
export async function fill(person: Person, room: string, n: number): Promise<void> {
  const line = (i: number) =>
    `Line ${i}.${i % 7 === 0 ? ` ${'It has more words than fit on one line. '.repeat(5)}` : ''}`;
  let next = 1;
  const one = async () => {
    while (next <= n) await person.says(room, line(next++));
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

/** Says so many things a second in a room, for as long as run takes. Returns how many. */
export async function whileTalking(
  person: Person,
  room: string,
  perSecond: number,
  run: () => Promise<void>,
): Promise<number> {
  const said: Promise<void>[] = [];
  const timer = setInterval(() => said.push(person.says(room, `News ${said.length + 1}.`)), 1000 / perSecond);
  try {
    await run();
  } finally {
    clearInterval(timer);
    await Promise.all(said);
  }
  return said.length;
}

/** Notes for each key that is pressed how long it took until it was painted, in ms. Returns what reads the notes. */
export async function keysTimed(page: Page): Promise<() => Promise<number[]>> {
  const times = await page.evaluateHandle(() => {
    const times: number[] = [];
    const { port1, port2 } = new MessageChannel();
    const waiting: number[] = [];
    port1.onmessage = () => {
      for (const began of waiting.splice(0)) times.push(performance.now() - began);
    };
    addEventListener(
      'keydown',
      (event) => {
        waiting.push(event.timeStamp);
        requestAnimationFrame(() => port2.postMessage(null)); // heard once the frame has been painted
      },
      { capture: true },
    );
    return times;
  });
  return () => times.jsonValue();
}

/** What a list looked like in the frames that were painted. */
export interface Frames {
  painted: number;
  /** Frames in which there was no row where rows should be. */
  blank: number;
  /** The most that the followed row moved, in px; null if it was not there any more. */
  moved: number | null;
}

/**
 * Watches a list's frames while run goes on. follow: the topmost message in sight is followed, which is not to move.
 */
export async function frames(log: Locator, follow: boolean, run: () => Promise<void>): Promise<Frames> {
  const watch = await log.evaluateHandle((box, follow) => {
    const rows = () => [...box.querySelectorAll('article')].map((row) => row.getBoundingClientRect());
    const view = box.getBoundingClientRect();
    const anchor = follow
      ? [...box.querySelectorAll('article')].find((row) => row.getBoundingClientRect().top >= view.top)
      : undefined;
    const from = anchor?.getBoundingClientRect().top ?? 0;
    const found = { painted: 0, blank: 0, moved: 0 as number | null, stop: false };
    const { port1, port2 } = new MessageChannel();
    // What is painted is known when every observer of sizes has had its say: after the frame, before anything else.
    port1.onmessage = () => {
      if (found.stop) return;
      found.painted++;
      const seen = rows();
      const empty = [0.25, 0.5, 0.75].some((part) => {
        const y = view.top + view.height * part;
        return !seen.some((row) => row.top - 80 <= y && row.bottom + 80 >= y);
      });
      if (empty) found.blank++;
      if (!anchor) return;
      if (!anchor.isConnected) found.moved = null;
      else if (found.moved !== null)
        found.moved = Math.max(found.moved, Math.abs(anchor.getBoundingClientRect().top - from));
    };
    const next = () => {
      if (found.stop) return;
      port2.postMessage(null);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    return found;
  }, follow);
  await run();
  return watch.evaluate((found) => {
    found.stop = true;
    const { painted, blank, moved } = found;
    return { painted, blank, moved };
  });
}

/**
 * Scrolls to the beginning of a room, a page of history after the other. Returns how many pages came, and the most that
 * the topmost message moved when one did, in px.
 */
export async function loadAll(log: Locator): Promise<{ pages: number; moved: number }> {
  return log.evaluate(async (box) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const begins = () => box.textContent?.includes('This is the start of') ?? false;
    const first = () => {
      const { top } = box.getBoundingClientRect();
      return [...box.querySelectorAll('article')].find((row) => row.getBoundingClientRect().top >= top);
    };
    let pages = 0;
    let moved = 0;
    while (!begins()) {
      const height = box.scrollHeight;
      box.scrollTop = Math.min(box.scrollTop, 400);
      await frame();
      await frame();
      const row = first();
      const from = row?.getBoundingClientRect().top ?? 0;
      for (let waited = 0, after = 0; waited < 200 && after < 3 && !begins(); waited++) {
        await frame();
        if (row?.isConnected) moved = Math.max(moved, Math.abs(row.getBoundingClientRect().top - from));
        if (box.scrollHeight !== height) after++;
      }
      pages++;
    }
    return { pages, moved };
  });
}
