import type { BrowserContext, Page } from '@playwright/test';
import { furnish } from './furnish.ts';
import { entryScreens, ownerScreens, setupScreen, tour } from './screens.ts';
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

// The same in Markdown: what parsers of it were made to do elsewhere. Some become elements, none may become more.
const markdownAttacks = [
  '**a** [x](javascript:hit())',
  '**b** [x](JaVaScRiPt&#58;hit())',
  '**c** [x](<java\tscript:hit()>) ![x](javascript:hit())',
  '**d** [x](data:text/html,<script>hit()</script>)',
  '**e** [x](https://example.org/"onmouseover="hit\\(\\))',
  '**f** <https://example.org/"onmouseover=hit()> <javascript:hit()>',
  '**g** ![pixel](https://example.org/pixel.png)',
  '**h** [![a](https://example.org/b "onerror=hit()")](https://example.org/c)',
  '**i** `</code><img src=x onerror=hit()>`',
  '**j** </p><svg><style><img src=x onerror=hit()>',
  '**k** <math><mtext></form><form><mglyph><style></math><img src=https://example.org/x onerror=hit()>',
  '> **l** <iframe src="https://example.org/"></iframe>',
  '- **m** <base href="https://example.org/"><meta http-equiv=refresh content=0>',
  '**n** &lt;script&gt;hit()&lt;/script&gt;',
  '```html" onload="hit()\n<script>hit()</script>\n```\n**o**',
  '```html\n<img src="https://example.org/x" onerror="hit()">\n```\n**p**',
  '**q** [\u202egpj.exe](https://example.org/\u202egpj.exe) https://example.org/\u202egnp',
  `${'> '.repeat(3000)}**r**`,
  `**s** ${'*_'.repeat(2000)}${'[a]('.repeat(150)}`,
  '**t** <style>*{display:none}</style><link rel=stylesheet href=https://example.org/x.css>',
  '[u]: javascript:hit()\n\n[u] **u**',
];

test('attacks 46 and 48: Markdown that would be more than text is inert, live and from the history', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await bait(ann.context);
  const mine = await ann.opens();
  await mine.page.setViewportSize({ width: 1280, height: 5000 }); // all rows at once
  for (const attack of markdownAttacks) await bob.says('general', attack);
  const log = mine.log('general');
  for (const visit of ['live', 'from the history']) {
    for (const letter of 'abcdefghijklmnopqrstu') {
      await expect(log.locator('strong').getByText(letter, { exact: true }), `${letter}, ${visit}`).toHaveCount(1);
    }
    expect(await hits(mine.page), visit).toBe(0);
    const strange = await log.evaluate((e) =>
      [...e.querySelectorAll('article *')]
        .filter(
          (x) =>
            /^(script|style|iframe|math|form|base|meta|link|object|embed|image)$/.test(x.localName) ||
            (x.localName === 'img' && !x.getAttribute('src')?.startsWith('data:')) ||
            [...x.attributes].some((a) => a.name.startsWith('on')),
        )
        .map((x) => x.outerHTML),
    );
    expect(strange, visit).toEqual([]);
    const links = await log
      .locator('article a')
      .evaluateAll((all) =>
        all.map((a) =>
          [new URL((a as HTMLAnchorElement).href).protocol, a.getAttribute('rel'), a.getAttribute('target')].join(' '),
        ),
      );
    expect(links.length, visit).toBeGreaterThan(4);
    expect([...new Set(links)], visit).toEqual(['https: noopener noreferrer _blank']);
    if (visit === 'live') await mine.page.reload();
  }
});

test('the page does not believe the server: HTML beyond the list is shown as the text it was made of', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await bait(ann.context);
  await ann.context.routeWebSocket(/\/ws/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { type: string; html?: string };
      if (frame.type === 'message' || frame.type === 'ack') {
        frame.html = '<p>hello<img src="https://example.org/x" onerror="hit()"><script>hit()</script></p>';
      }
      socket.send(JSON.stringify(frame));
    });
  });
  const mine = await ann.opens();
  await bob.says('general', 'from **bob**');
  await mine.say('general', 'from **ann**');
  for (const text of ['from **bob**', 'from **ann**']) {
    await expect(mine.log('general').getByText(text, { exact: true })).toBeVisible();
  }
  await expect(mine.log('general').getByText('hello')).toHaveCount(0);
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
