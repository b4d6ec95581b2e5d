import type { Page } from '@playwright/test';
import { Chat } from './chat.ts';
import { distance, firstInSight, record, recorded, said, still, topOf } from './frames.ts';
import type { Person } from './people.ts';
import { expect, test } from './test.ts';

test.use({ flags: ['--rate-limits', 'off', '--guests'] });

/** Says n numbered things in a room; returns their ids. */
async function fills(person: Person, room: string, n: number, from = 1): Promise<string[]> {
  const ids: string[] = [];
  for (let i = from; i < from + n; i++) {
    const long = i % 7 === 0 ? ` with ${'more words than fit on one line, '.repeat(6)}and an end` : '';
    const { id } = await person.post<{ id: string }>('/api/messages', { room, content: `${room} ${i}.${long}` });
    ids.push(id);
  }
  return ids;
}

/** Opens a room and waits until its list stands still. */
async function opens(person: Person, path: string): Promise<Chat> {
  const chat = new Chat(await person.context.newPage());
  await chat.page.goto(`/rooms/${path}`);
  const [room = ''] = path.split('/');
  await chat.showsRoom(room);
  await chat.connected();
  await still(chat.log(room));
  return chat;
}

/** Turns the wheel over a room's list and waits until that has had its effect. */
async function wheels(chat: Chat, room: string, by: number): Promise<void> {
  await chat.log(room).hover();
  const before = await chat.log(room).evaluate((box) => box.scrollTop);
  await chat.page.mouse.wheel(0, by);
  await expect.poll(() => chat.log(room).evaluate((box) => box.scrollTop)).not.toBe(before);
  await still(chat.log(room));
}

const jump = (page: Page) => page.getByRole('button', { name: /^Jump to latest/ });
const line = (chat: Chat, room: string) => chat.log(room).getByText('New messages', { exact: true });

test('1 a room with unread messages opens on the line "New messages", one without at its end', async ({
  ann,
  joins,
}) => {
  await fills(ann, 'help', 60);
  const bob = await joins('bob');
  const chat = await opens(bob, 'help');
  expect(await distance(chat.log('help'))).toBeLessThanOrEqual(1);
  await expect(line(chat, 'help')).toHaveCount(0);
  await bob.says('help', 'bob was here');
  await chat.hears('help', 'bob was here');
  await chat.switchTo('random');

  await fills(ann, 'help', 70, 61);
  await expect(chat.unread('help', 70)).toBeVisible();
  await chat.switchTo('help');
  await expect(line(chat, 'help')).toBeInViewport();
  await record(chat.log('help'), line(chat, 'help'));
  await still(chat.log('help'));
  const frames = await recorded(chat.page);
  const tops = frames.map((frame) => frame.top ?? Number.NaN);
  expect(Math.max(...tops) - Math.min(...tops), 'what the line moves once it is shown').toBeLessThan(2);
  expect(tops[0]).toBeGreaterThanOrEqual(0);
  expect(tops[0]).toBeLessThan(120);
  await expect(chat.message('help', /^.*help 61\./)).toBeInViewport();

  // A visit later nothing is unread: at the end, also by a fresh page.
  await chat.log('help').press('End');
  await expect.poll(() => distance(chat.log('help'))).toBeLessThanOrEqual(1);
  await chat.page.reload();
  await still(chat.log('help'));
  expect(await distance(chat.log('help'))).toBeLessThanOrEqual(1);
  await expect(line(chat, 'help')).toHaveCount(0);
});

test('2 at the end it stays at the end in every frame: 15 messages, rows that grow later, a composer that grows', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await fills(ann, 'help', 40);
  const chat = await opens(bob, 'help');
  const log = chat.log('help');
  await record(log);
  for (let i = 1; i <= 15; i++) {
    await ann.says('help', `late ${i}${i % 3 === 0 ? '\nand\nthree lines more\nto it' : ''}`);
    if (i % 5 !== 0) continue;
    // What comes later than the row: a picture that has loaded, say.
    await chat.hears('help', `late ${i}`);
    await chat.message('help', `late ${i}`).evaluate(async (article) => {
      const picture = document.createElement('div');
      article.append(picture);
      for (const height of [40, 160, 320]) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        picture.style.blockSize = `${height}px`;
      }
    });
  }
  await chat.hears('help', 'late 15');
  const composer = chat.composer('help');
  for (const text of ['one', 'one\ntwo', 'one\ntwo\nthree\nfour', 'one']) await composer.fill(text);
  await composer.press('Enter');
  await chat.hears('help', /^.*one$/);
  await still(log);
  const frames = await recorded(chat.page);
  expect(frames.length).toBeGreaterThan(20);
  expect(Math.max(...frames.map((frame) => frame.distance)), 'px from the end, in the worst frame').toBeLessThanOrEqual(
    1,
  );
});

test('3 scrolled up, what comes in moves nothing and is counted by "Jump to latest"', async ({ ann, joins }) => {
  const bob = await joins('bob');
  await fills(ann, 'help', 80);
  const chat = await opens(bob, 'help');
  const log = chat.log('help');
  await expect(jump(chat.page)).toHaveCount(0);
  await wheels(chat, 'help', -700);
  await expect(jump(chat.page)).toHaveText('Jump to latest');
  const { text } = await firstInSight(log);
  await record(log, chat.message('help', text));
  for (let i = 1; i <= 5; i++) await ann.says('help', `meanwhile ${i}`);
  await expect(jump(chat.page)).toHaveAccessibleName('Jump to latest (5)');
  const tops = (await recorded(chat.page)).map((frame) => frame.top ?? Number.NaN);
  expect(Math.max(...tops) - Math.min(...tops), 'px that the row has moved').toBeLessThan(2);

  await jump(chat.page).click();
  await expect(chat.message('help', 'meanwhile 5')).toBeInViewport();
  await expect.poll(() => distance(log)).toBeLessThanOrEqual(1);
  await expect(jump(chat.page)).toHaveCount(0);
});

test('4 history that comes in above moves nothing, also while the wheel turns', async ({ ann }) => {
  await fills(ann, 'help', 220);
  const chat = await opens(ann, 'help');
  const log = chat.log('help');
  const pages: string[] = [];
  chat.page.on('response', (answer) => {
    if (answer.url().includes('before=')) pages.push(answer.url());
  });
  const step = 120;
  for (let turn = 0; turn < 40 && pages.length < 3; turn++) {
    const { text, top } = await firstInSight(log);
    await record(log, chat.message('help', text));
    await wheels(chat, 'help', -step);
    const tops = (await recorded(chat.page)).map((frame) => frame.top ?? Number.NaN);
    expect(Math.abs((tops.at(-1) ?? 0) - top - step), `px beside the wheel's, turn ${turn}`).toBeLessThan(2);
    expect(Math.min(...tops), `turn ${turn}`).toBeGreaterThan(top - 2);
    expect(Math.max(...tops), `turn ${turn}`).toBeLessThan(top + step + 2);
  }
  expect(pages.length, 'pages that came in meanwhile').toBe(3);
});

test('5 a room that one comes back to stands where one left it', async ({ ann, joins }) => {
  const bob = await joins('bob');
  for (const room of ['help', 'random', 'general']) await fills(ann, room, 70);
  const chat = await opens(bob, 'help');
  const places = new Map<string, { text: string; top: number }>();
  for (const [room, by] of [
    ['help', -900],
    ['random', -333],
    ['general', -1500],
  ] as const) {
    if (room !== 'help') await chat.switchTo(room);
    await still(chat.log(room));
    await wheels(chat, room, by);
    places.set(room, await firstInSight(chat.log(room)));
  }
  const isWhereItWas = async (room: string) => {
    const was = places.get(room);
    await still(chat.log(room));
    const top = await topOf(chat.log(room), was?.text ?? '');
    expect(Math.abs((top ?? Number.NaN) - (was?.top ?? 0)), `px that ${room} has moved`).toBeLessThanOrEqual(2);
  };
  for (const room of ['random', 'help', 'general']) {
    await chat.switchTo(room);
    await isWhereItWas(room);
  }
  // Also with what was said meanwhile, which is counted.
  await fills(ann, 'help', 8, 71);
  await expect(chat.unread('help', 8)).toBeVisible();
  await chat.switchTo('help');
  await isWhereItWas('help');
  await expect(jump(chat.page)).toHaveAccessibleName('Jump to latest (8)');
  // Who left it at its end is at its end.
  await jump(chat.page).click();
  await expect.poll(() => distance(chat.log('help'))).toBeLessThanOrEqual(1);
  await chat.switchTo('random');
  await chat.switchTo('help');
  await still(chat.log('help'));
  expect(await distance(chat.log('help'))).toBeLessThanOrEqual(1);
});

/** Gives messages other times than they have. */
async function dates(page: Page, times: Record<string, string>): Promise<void> {
  await page.route(/\/api\/messages\?/, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const message of body.messages) message.timestamp = times[message.content] ?? message.timestamp;
    await route.fulfill({ response: answer, json: body });
  });
}

test('6 what one person says within five minutes stands under one name, each with its time on hover and focus', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  for (const text of ['first', 'second', 'third']) await ann.says('help', text);
  await bob.says('help', 'fourth');
  const chat = new Chat(await bob.context.newPage());
  await dates(chat.page, {
    first: '2026-06-03T09:00:00.000Z',
    second: '2026-06-03T09:04:59.000Z',
    third: '2026-06-03T09:09:59.000Z',
    fourth: '2026-06-03T09:10:00.000Z',
  });
  await chat.page.goto('/rooms/help');
  await chat.hears('help', 'fourth');
  const named = (text: string) => chat.message('help', text).locator('header b');
  await expect(named('first')).toHaveText('ann');
  await expect(named('second')).toHaveCount(0);
  await expect(named('third')).toHaveText('ann');
  await expect(named('fourth')).toHaveText('bob');
  await expect(chat.message('help', 'second')).toHaveAccessibleName(/^ann .*second/); // to those who hear it

  const time = chat.message('help', 'second').locator('time');
  await expect(time).toHaveCSS('opacity', '0');
  await chat.message('help', 'second').hover();
  await expect(time).toHaveCSS('opacity', '1');
  await expect(time).toHaveText('09:04');
  await expect(time).toHaveAttribute('title', /Wednesday,? 3 June 2026.*09:04:59/);
  await chat.composer('help').hover();
  await expect(time).toHaveCSS('opacity', '0');
  await chat.message('help', 'third').focus();
  await chat.page.keyboard.press('ArrowUp');
  await expect(chat.message('help', 'second')).toBeFocused();
  await expect(time).toHaveCSS('opacity', '1');
});

test('7 days are those of the reader, also where the clocks change, and the day shows on top while one scrolls', async ({
  ann,
  browserFor,
}) => {
  const times = {
    'late on Saturday': '2026-03-28T22:59:00.000Z', // 23:59 in Berlin
    'early on Sunday': '2026-03-28T23:01:00.000Z', // 00:01
    'late on Sunday': '2026-03-29T21:59:00.000Z', // 23:59, an hour less after midnight
    'early on Monday': '2026-03-29T22:01:00.000Z', // 00:01
  };
  for (const text of Object.keys(times)) await ann.says('help', `${text}`);
  for (let i = 0; i < 30; i++) await ann.says('help', `filler ${i}`);
  const context = await browserFor({ timezoneId: 'Europe/Berlin', storageState: await ann.context.storageState() });
  const chat = new Chat(await context.newPage());
  await chat.page.clock.setFixedTime(new Date('2026-03-30T10:00:00+02:00'));
  const fillers = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`filler ${i}`, '2026-03-30T06:00:00.000Z']));
  await dates(chat.page, { ...times, ...fillers });
  await chat.page.goto('/rooms/help');
  await chat.hears('help', 'filler 29');
  const log = chat.log('help');
  await still(log);
  const pill = chat.page.locator('[aria-hidden=true]').filter({ hasText: /^(Today|Yesterday|Saturday.*)$/ });
  await expect(pill).toHaveCount(0);
  await wheels(chat, 'help', -200);
  await expect(pill).toHaveText('Today');
  await wheels(chat, 'help', -5000);
  await wheels(chat, 'help', 200);
  await expect(pill).toHaveText('Saturday 28 March');
  await expect(log.getByRole('heading')).toHaveText([/start of help/, 'Saturday 28 March', 'Yesterday', 'Today']);
  for (const [day, first] of [
    ['Saturday 28 March', 'late on Saturday'],
    ['Yesterday', 'early on Sunday'],
    ['Today', 'early on Monday'],
  ] as const) {
    const heading = await log.getByRole('heading', { name: day }).boundingBox();
    const message = await chat.message('help', first).boundingBox();
    const between = (message?.y ?? 0) - (heading?.y ?? 0);
    expect(between, `${first} stands under ${day}`).toBeGreaterThan(0);
    expect(between).toBeLessThan(60);
  }
  await expect(pill).toHaveCSS('opacity', '0'); // a moment after the last turn of the wheel
});

test('8 the line "New messages" stays while one reads, and goes with Esc or on the next visit', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await fills(ann, 'help', 3);
  const chat = await opens(bob, 'help');
  await bob.says('help', 'seen');
  await chat.hears('help', 'seen');
  await chat.switchTo('random');
  await fills(ann, 'help', 2, 4);
  await expect(chat.unread('help', 2)).toBeVisible();
  await chat.switchTo('help');
  await expect(line(chat, 'help')).toBeVisible();
  await fills(ann, 'help', 2, 6);
  await chat.hears('help', 'help 7.');
  await chat.say('help', 'an answer');
  await chat.hears('help', 'an answer');
  await expect(line(chat, 'help')).toHaveCount(1);
  await chat.switchTo('random');
  await chat.switchTo('help');
  await chat.hears('help', 'an answer');
  await expect(line(chat, 'help')).toHaveCount(0);

  await chat.switchTo('random');
  await fills(ann, 'help', 60, 8);
  await chat.switchTo('help');
  await expect(line(chat, 'help')).toBeVisible();
  await still(chat.log('help'));
  await chat.page.keyboard.press('Escape');
  await expect(line(chat, 'help')).toHaveCount(0);
  await expect(chat.message('help', 'help 67.')).toBeInViewport();
  await expect.poll(() => distance(chat.log('help'))).toBeLessThanOrEqual(1);
  await expect(chat.composer('help')).toBeFocused();
});

test('9 a link to a message opens the room there, marks it, and leads on in both directions', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const ids = await fills(ann, 'help', 260);
  const asked: string[] = [];
  ann.context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname === '/api/messages' && url.searchParams.has('around')) asked.push(url.search);
  });
  const chat = await opens(ann, `help/${ids[99]}`);
  const log = chat.log('help');
  const target = chat.message('help', 'help 100.');
  await expect(target).toBeInViewport();
  await expect(target).toHaveAttribute('aria-current', 'true');
  await expect(target).toBeFocused();
  const [box, frame] = [await target.boundingBox(), await log.boundingBox()];
  const middle = (b: typeof box) => (b?.y ?? 0) + (b?.height ?? 0) / 2;
  expect(Math.abs(middle(box) - middle(frame)), 'px from the middle').toBeLessThan(60);
  expect(asked).toEqual([`?room=help&around=${ids[99]}`]);
  const answer = await (await ann.api.get(`/api/messages${asked[0]}`)).json();
  expect(answer.messages).toHaveLength(101);

  // Down to the end, page after page, nothing missing.
  const seen = new Set<string>();
  await expect(async () => {
    for (const text of await log.locator(`article ${said}`).allTextContents()) seen.add(text.split('.')[0] ?? '');
    await log.evaluate((box) => box.scrollBy(0, 400));
    await expect(chat.message('help', 'help 260.')).toBeInViewport({ timeout: 50 });
  }).toPass({ intervals: [20] });
  for (let i = 100; i < 260; i++) expect(seen.has(`help ${i}`), `message ${i}`).toBe(true);
  await ann.says('help', 'live again');
  await expect(chat.message('help', 'live again')).toBeInViewport();

  // From a piece of the past straight to the end.
  await chat.page.goto(`/rooms/help/${ids[9]}`);
  await expect(chat.message('help', 'help 10.').first()).toHaveAttribute('aria-current', 'true');
  await bob.says('help', 'said meanwhile');
  await expect(jump(chat.page)).toHaveAccessibleName('Jump to latest (1)');
  await expect(chat.message('help', 'said meanwhile')).toHaveCount(0);
  await jump(chat.page).click();
  await expect(chat.message('help', 'said meanwhile')).toBeInViewport();
  expect(new URL(chat.page.url()).pathname).toBe('/rooms/help');
  await expect.poll(() => distance(log)).toBeLessThanOrEqual(1);
  await expect(log.locator('[aria-current]')).toHaveCount(0);
});

test('9 from a link into a room with unread messages, "Jump to latest" goes to its end all the same', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await bob.says('help', 'what comes from here on is unread');
  const ids = await fills(ann, 'help', 120);
  const chat = await opens(bob, `help/${ids[4]}`);
  await expect(chat.message('help', 'help 5.').first()).toBeInViewport();
  await jump(chat.page).click();
  await expect(chat.message('help', 'help 120.')).toBeInViewport();
  await expect.poll(() => distance(chat.log('help'))).toBeLessThanOrEqual(1);
});

test('9 saying something leaves the past; a link to nothing says so and shows the end', async ({ ann }) => {
  const [first] = await fills(ann, 'help', 120);
  const [elsewhere] = await fills(ann, 'random', 1);
  const chat = await opens(ann, `help/${first}`);
  await expect(chat.message('help', 'help 1.').first()).toHaveAttribute('aria-current', 'true');
  await chat.say('help', 'back here');
  await expect(chat.message('help', 'back here')).toBeInViewport();
  await expect(chat.message('help', 'help 120.')).toBeInViewport();

  for (const id of [elsewhere, 'nonsense']) {
    await chat.page.goto(`/rooms/help/${id}`);
    await expect(chat.page.getByRole('alert')).toHaveText(/There is no such message in this room/);
    await expect(chat.message('help', 'back here')).toBeInViewport();
    expect(new URL(chat.page.url()).pathname).toBe('/rooms/help');
  }
  await chat.page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
  await expect(chat.page.getByRole('alert')).toHaveCount(0);
});

test('10 those who come and go stand in one line, which opens, and are never unread', async ({
  ann,
  browserFor,
  server,
}) => {
  await ann.says('help', 'hello');
  const chat = await opens(ann, 'help');
  const elsewhere = await opens(ann, 'general');
  await expect(elsewhere.room('help')).toBeVisible();
  const others = await (await browserFor()).newPage();
  await others.goto('/signin');
  for (const name of ['bea', 'cem', 'dot']) {
    await others.evaluate(
      ([base, name]) =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`${base?.replace('http', 'ws')}/ws/room/help?username=${name}`);
          socket.onmessage = resolve;
          socket.onerror = reject;
        }),
      [server.base, name],
    );
  }
  const notice = chat.log('help').getByRole('button', { name: '3 people joined' });
  await expect(notice).toHaveAttribute('aria-expanded', 'false');
  await expect(chat.log('help').getByText('bea')).toHaveCount(0);
  await notice.press('Enter');
  await expect(notice).toHaveAttribute('aria-expanded', 'true');
  await expect(chat.log('help').getByText('bea, cem and dot')).toBeVisible();
  await expect(elsewhere.room('help')).toHaveAccessibleName(/^help(?!.*unread)/);
  await others.close();
  await expect(chat.log('help').getByRole('button', { name: '3 people left' })).toBeVisible();
  await expect(elsewhere.room('help')).toHaveAccessibleName(/^help(?!.*unread)/);
  await expect(elsewhere.page).not.toHaveTitle(/^\(/);
});

test('29 what is new is read out once, with its author; what is loaded or switched to is not', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await fills(ann, 'help', 120);
  await fills(ann, 'random', 5);
  const chat = await opens(bob, 'help');
  const news = chat.page.getByRole('log', { name: 'New messages' });
  await expect(news).toHaveAttribute('aria-live', 'polite');
  await expect(chat.log('help')).toHaveAttribute('aria-live', 'off');
  await wheels(chat, 'help', -6000);
  await expect(chat.message('help', 'help 60.')).toHaveCount(1);
  await expect(news).toBeEmpty();
  await chat.log('help').press('End');

  await ann.says('help', 'something new');
  await expect(news.getByText('ann: something new', { exact: true })).toHaveCount(1);
  await bob.says('help', 'my own words');
  await chat.hears('help', 'my own words');
  await Promise.all(Array.from({ length: 40 }, (_, i) => ann.says('help', `burst ${i}`)));
  await expect(news).toContainText(/\d+ new messages, the last from ann: burst/);
  await expect(news).not.toContainText('my own words');

  await chat.switchTo('random');
  await chat.hears('random', 'random 5.');
  await expect(news).toBeEmpty();
  await ann.says('random', 'here too');
  await expect(news).toHaveText('ann: here too');
});
