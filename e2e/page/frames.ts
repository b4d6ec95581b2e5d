import type { Locator, Page } from '@playwright/test';

/** One frame as it was painted. Lengths in px. */
export interface Frame {
  /** From the last row to where one has scrolled. */
  distance: number;
  /** Top of the row that is followed, from the list's top; null while it is not there. */
  top: number | null;
}

interface Recording {
  frames: Frame[];
  stop: boolean;
}

declare global {
  interface Window {
    recording?: Recording;
  }
}

/** Writes down every frame of a room's list from now on. follow: the row whose place matters. */
export async function record(log: Locator, follow?: Locator): Promise<void> {
  const row = follow ? await follow.elementHandle() : null;
  await log.evaluate((box, follow) => {
    const recording: Recording = { frames: [], stop: false };
    window.recording = recording;
    // A message is followed by its key: what is drawn anew in between is still the same message.
    const key = follow?.getAttribute('data-row');
    const followed = () => (key ? box.querySelector(`[data-row="${CSS.escape(key)}"]`) : follow);
    const measure = () => {
      if (!box.isConnected) return;
      const row = followed();
      const { top } = box.getBoundingClientRect();
      recording.frames.push({
        distance: box.scrollHeight - box.clientHeight - box.scrollTop,
        top: row?.isConnected ? row.getBoundingClientRect().top - top : null,
      });
    };
    // What is painted is known only once every observer of sizes has had its say: after the frame, and before anything else,
    // such as a message that comes in and whose row nobody has measured yet.
    const { scheduler } = window as unknown as { scheduler: { postTask(run: () => void, how: object): void } };
    const next = () => {
      if (recording.stop) return;
      scheduler.postTask(measure, { priority: 'user-blocking' });
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }, row);
}

/** Ends the recording and returns it. */
export async function recorded(page: Page): Promise<Frame[]> {
  return page.evaluate(async () => {
    // Two more frames, so that what has just happened is among them.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const recording = window.recording as Recording;
    recording.stop = true;
    return recording.frames;
  });
}

/** How far the list is from its end, in px. */
export function distance(log: Locator): Promise<number> {
  return log.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);
}

/** Waits until nothing has moved in the list for some frames. */
export async function still(log: Locator): Promise<void> {
  await log.evaluate(async (box) => {
    for (let alike = 0, before = ''; alike < 4; ) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = `${getComputedStyle(box).visibility} ${box.scrollTop} ${box.scrollHeight}`;
      alike = now === before && now.startsWith('visible') ? alike + 1 : 0;
      before = now;
    }
  });
}

/** What a message says, within its row. */
export const said = ':is(p, div)[id$="m"]';

/** The first message that begins in sight, and where. */
export function firstInSight(log: Locator): Promise<{ text: string; top: number }> {
  return log.evaluate((box, said) => {
    const { top } = box.getBoundingClientRect();
    for (const article of box.querySelectorAll('article')) {
      const at = article.getBoundingClientRect().top - top;
      if (at >= 0) return { text: article.querySelector(said)?.textContent ?? '', top: at };
    }
    throw new Error('no message is in sight');
  }, said);
}

/** Where a message stands, from the list's top; null if it is not there. */
export function topOf(log: Locator, text: string): Promise<number | null> {
  return log.evaluate(
    (box, [text, said]) => {
      const found = [...box.querySelectorAll('article')].find((a) => a.querySelector(said)?.textContent === text);
      return found ? found.getBoundingClientRect().top - box.getBoundingClientRect().top : null;
    },
    [text, said] as const,
  );
}
