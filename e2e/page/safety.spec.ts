import type { BrowserContext, Page } from '@playwright/test';
import { entryScreens, furnish, ownerScreens, setupScreen, tour } from './screens.ts';
import { expect, test } from './test.ts';
import { Watch } from './watch.ts';

test.use({ flags: ['--guests'] });

// What would run if any of it were taken for HTML. Each one calls hit, which the browser counts.
const attacks = [
  '<script>hit()</script>',
  '<img src=x onerror=hit()>',
  '<svg onload=hit()>',
  '"><iframe srcdoc="<script>parent.hit()</script>">',
  '<a href="javascript:hit()">a link</a>',
  "'-hit()-'",
  '{{constructor.constructor("hit()")()}}',
  '<style>*{display:none}</style>',
  '&lt;b&gt;not bold&lt;/b&gt;',
  '\u202egnirts\u202c &amp; <b>bold</b>',
];

/** Counts calls of hit() in each page that a context opens from now on. */
async function bait(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const counter = window as unknown as { hits: number; hit: () => void };
    counter.hits = 0;
    counter.hit = () => counter.hits++;
  });
}

async function hits(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { hits: number }).hits);
}

test('attack 46: messages full of HTML and script are shown as they were typed', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const theirs = await bob.opens();
  await bait(ann.context);
  const mine = await ann.opens();
  for (const attack of attacks) {
    await theirs.say('general', attack);
    await expect(mine.log('general').getByText(attack, { exact: true })).toBeVisible();
  }
  expect(await hits(mine.page)).toBe(0);
  // The same from the history.
  await mine.page.reload();
  for (const attack of attacks) await expect(mine.log('general').getByText(attack, { exact: true })).toBeVisible();
  expect(await hits(mine.page)).toBe(0);
});

test('attack 47: hostile names are text on every screen; a visit of all breaks no policy and asks no other host', async ({
  server,
  ann,
  joins,
  browserFor,
}) => {
  test.slow(); // many screens
  const attack = '<img src=https://example.org/x onerror=hit()>';
  const bob = await joins('bob');
  await furnish(ann, bob);
  await bob.put('/api/me', { display: attack });
  await ann.put('/api/me', { display: attack });
  await ann.put('/api/workspace', { name: attack, hue: 0 });
  const odd = await browserFor({ userAgent: `Mozilla/5.0 ${attack}` });
  await odd.request.post('/api/auth/login', { data: { name: 'ann', password: ann.password } });
  await bob.opens();
  const { code } = await ann.invites();
  const stranger = await browserFor();
  const watches = [await Watch.over(stranger), await Watch.over(ann.context)];
  for (const context of [ann.context, stranger]) await bait(context);
  const check = async (page: Page, name: string) => {
    expect.soft(await hits(page), `calls of hit() on ${name}`).toBe(0);
    if (name === 'settings-people') await expect.soft(page.getByText(attack).first(), name).toBeVisible();
  };
  await tour(stranger, entryScreens(code), check);
  await tour(ann.context, ownerScreens(server), check);

  for (const watch of watches) {
    expect(watch.addresses.length, 'requests that were recorded').toBeGreaterThan(10);
    expect(watch.foreign(server.base)).toEqual([]);
    expect(watch.violations).toEqual([]);
    expect(watch.crashes).toEqual([]);
  }
  expect(watches[1]?.addresses.some((address) => address.startsWith('ws:'))).toBe(true);
});

test('a violation of the policy would be noticed', async ({ server, browser }) => {
  const context = await browser.newContext({ baseURL: server.base });
  const watch = await Watch.over(context);
  const page = await context.newPage();
  await tour(context, [setupScreen(await server.setupLink())], async () => {});
  await page.goto('/signin');
  await page.evaluate(() => {
    const image = document.createElement('img');
    image.src = 'https://example.org/pixel.png';
    document.body.append(image);
  });
  await expect.poll(() => watch.violations.join('\n')).toContain('img-src');
  await context.close();
});

test('the page is sent with a policy that allows its own files alone, and has nothing inline', async ({
  server,
  browserFor,
}) => {
  const { request } = await browserFor();
  for (const path of [
    '/',
    '/signin',
    '/setup',
    '/join/abcdefghijklmnopqrstuvwxyz',
    '/rooms/general',
    '/settings/people',
  ]) {
    const answer = await request.get(`${server.base}${path}`, { headers: { Accept: 'text/html' } });
    expect(answer.status(), path).toBe(200);
    const policy = (answer.headers()['content-security-policy'] ?? '').split(/\s*;\s*/).filter(Boolean);
    expect(policy.toSorted(), path).toEqual(
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ].toSorted(),
    );
    expect(answer.headers()['x-content-type-options'], path).toBe('nosniff');
    const html = await answer.text();
    expect(html, path).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [tag, inside] of html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/gi)) {
      expect(tag, path).toMatch(/\ssrc="/);
      expect(inside?.trim(), path).toBe('');
    }
  }
});
