import { expect, test } from 'vitest';
import { Store } from '../src/store.ts';

/** A store on a clock of its own; drawing takes as long as `takes` says. */
function drawn() {
  const clock = { now: 1000, due: [] as { at: number; run: () => void }[] };
  const store = new Store({
    now: () => clock.now,
    setTimeout: (run, ms) => clock.due.push({ at: clock.now + ms, run }) as unknown as ReturnType<typeof setTimeout>,
    clearTimeout: () => clock.due.splice(0),
  });
  const page = { takes: 0, frames: [] as number[] };
  store.subscribe(() => {
    page.frames.push(clock.now);
    queueMicrotask(() => {
      clock.now += page.takes;
    });
  });
  let said = 0;
  const change = async (now = false) => {
    store.dispatch({ type: 'draft', room: 'general', text: `${++said}` }, now);
    await Promise.resolve();
    await Promise.resolve();
  };
  const pass = async (ms: number) => {
    const until = clock.now + ms;
    for (let next = clock.due.shift(); next; next = clock.due.shift()) {
      if (next.at > until) {
        clock.due.unshift(next);
        break;
      }
      clock.now = Math.max(clock.now, next.at);
      next.run();
      await Promise.resolve();
      await Promise.resolve();
    }
    clock.now = Math.max(clock.now, until);
  };
  return { page, change, pass };
}

test('listeners are told at most once a frame, and of the last change too', async () => {
  const { page, change, pass } = drawn();
  for (let i = 0; i < 32; i++) {
    await change();
    await pass(1);
  }
  await pass(100);
  expect(page.frames).toEqual([1000, 1016, 1032]);
});

test('where drawing takes long there is time left for keys, which are shown at once', async () => {
  const { page, change, pass } = drawn();
  page.takes = 30;
  for (let i = 0; i < 100; i++) {
    await change();
    await pass(10);
  }
  const drawing = page.frames.length * page.takes;
  expect(page.frames.length, 'frames').toBeGreaterThan(4);
  expect(drawing / (page.frames.at(-1)! - page.frames[0]!), 'part of the time that goes into drawing').toBeLessThan(
    0.25,
  );
  const before = page.frames.length;
  await change(true);
  expect(page.frames.length).toBe(before + 1);
});

test('no drawing, however long, keeps the page waiting for more than a quarter of a second', async () => {
  const { page, change, pass } = drawn();
  page.takes = 5000;
  await change();
  page.takes = 0;
  await change();
  await pass(250);
  expect(page.frames.length).toBe(2);
});
