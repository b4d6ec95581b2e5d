import process from 'node:process';
import { devices, fill, frames, keysTimed, loadAll, quantile, tell, whileTalking } from './pace.ts';
import { expect, test } from './test.ts';

/** Messages in the long room. */
const many = process.env.PARLEY_SOAK ? 10_000 : 1500;
/** What arrives in it each second. */
const perSecond = 20;
/** So many times slower than this machine. */
const slowdown = 4;
/** 1.6 Mbit/s, in bytes a second. */
const network = { offline: false, latency: 0, downloadThroughput: 200_000, uploadThroughput: 200_000 };

test.use({ flags: ['--rate-limits', 'off'] });
test.setTimeout(many * 60 + 180_000);

const ms = (n: number) => `${n.toFixed(0)} ms`;

test('a long room: nothing jumps or goes blank while 20 messages a second arrive', async ({ ann, joins }) => {
  const bob = await joins('bob');
  await fill(bob, 'help', many);
  const chat = await ann.opens('help');
  const { page } = chat;
  const log = chat.log('help');
  await expect(log.getByRole('article').last()).toBeInViewport();
  const { cdp, cpu } = await devices(page);

  const began = Date.now();
  const history = await loadAll(log);
  tell(`loading ${many} messages of history`, `${ms(Date.now() - began)}, ${history.pages} pages`);
  expect(history.moved, 'px that a row moved when history came').toBeLessThan(2);

  await page.getByRole('button', { name: /^Jump to latest/ }).click();
  await expect(log.getByRole('article').last()).toBeInViewport();
  await chat.composer('help').focus();
  const read = await keysTimed(page);
  await cpu(slowdown);
  const arrived = await whileTalking(bob, 'help', perSecond, async () => {
    await page.keyboard.type('Each of these keys is to be seen at once, whatever comes in.', { delay: 60 });
  });
  await expect.poll(async () => (await read()).length).toBeGreaterThanOrEqual(60);
  const keys = await read();
  tell(
    `key to paint, ${many} messages, ${arrived} arriving, CPU ${slowdown} times slower`,
    `p50 ${ms(quantile(keys, 0.5))}, p95 ${ms(quantile(keys, 0.95))}`,
  );

  // Somewhere in the middle nothing moves, whatever comes in below.
  await log.evaluate((box) => {
    box.scrollTop = box.scrollHeight / 2;
  });
  await expect(page.getByRole('button', { name: /^Jump to latest/ })).toBeVisible();
  const reading = await frames(log, true, async () => {
    await whileTalking(bob, 'help', perSecond, async () => {
      await expect(page.getByRole('button', { name: /^Jump to latest \((3\d|[4-9]\d|\d{3,})\)/ })).toBeVisible();
    });
  });
  tell('frames painted while reading above', `${reading.painted}`);
  expect(reading.moved, 'px that a row moved while messages arrived').toBeLessThan(2);

  await cpu(1);
  await log.hover();
  const scrolled = await frames(log, false, async () => {
    for (let i = 0; i < 40; i++) await page.mouse.wheel(0, i < 20 ? -2500 : 2500);
  });
  tell('frames painted while scrolling fast', `${scrolled.painted}`);
  expect(scrolled.blank, `blank frames of ${scrolled.painted} while scrolling fast`).toBe(0);

  expect(await log.getByRole('article').count(), 'messages in the document').toBeLessThan(200);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes } = await cdp.send('Memory.getDOMCounters');
  tell(`heap with ${many} messages`, `${(usedSize / 2 ** 20).toFixed(1)} MiB, ${nodes} nodes`);
});

test('first paint, cold and warm', async ({ ann, browserFor }) => {
  await fill(ann, 'general', 60);
  const context = await browserFor({ storageState: await ann.context.storageState() });
  for (const visit of ['cold', 'warm']) {
    const page = await context.newPage();
    const { cdp, cpu } = await devices(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.emulateNetworkConditions', network);
    await cpu(slowdown);
    await page.goto('/rooms/general');
    await expect(page.getByRole('article').last()).toBeVisible();
    const { paint, text } = await page.evaluate(() => ({
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      text: performance.now(),
    }));
    tell(`first paint, ${visit}, 1.6 Mbit/s, CPU ${slowdown} times slower`, `${ms(paint)}; messages by ${ms(text)}`);
    await page.close();
  }
});
