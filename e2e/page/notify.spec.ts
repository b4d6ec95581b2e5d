import type { BrowserContext, Page } from '@playwright/test';
import type { Chat } from './chat.ts';
import { tell } from './pace.ts';
import { Person } from './people.ts';
import { expect, test } from './test.ts';

/** A notification as a page has made it. */
interface Made {
  title: string;
  body: string;
  closed: boolean;
}

type Recording = { made: (Made & { object: Notification })[] };

/**
 * Lets a browser show notifications, and records what its pages make of that. All pages of such a browser believe that they
 * have the focus: looksAway takes it from one.
 */
async function recorded(context: BrowserContext): Promise<void> {
  await context.grantPermissions(['notifications']);
  await context.addInitScript(() => {
    const made: Recording['made'] = [];
    Object.assign(window, { made, away: false });
    document.hasFocus = () => !(window as unknown as { away: boolean }).away;
    class Recorded extends EventTarget {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      onclick: (() => void) | null = null;
      closed = false;
      readonly title: string;
      readonly body: string;
      constructor(title: string, options: NotificationOptions = {}) {
        super();
        this.title = title;
        this.body = options.body ?? '';
        made.push({
          title,
          body: this.body,
          get closed() {
            return object.closed;
          },
          object: this as unknown as Notification,
        });
        const object = this;
      }
      close() {
        this.closed = true;
      }
    }
    Object.assign(window, { Notification: Recorded });
  });
}

async function looksAway({ page }: Chat): Promise<void> {
  await page.evaluate(() => {
    Object.assign(window, { away: true });
    window.dispatchEvent(new Event('blur'));
  });
}

const made = (page: Page): Promise<Made[]> =>
  page.evaluate(() =>
    (window as unknown as Recording).made.map(({ title, body, closed }) => ({ title, body, closed })),
  );

/** What all tabs together have told of, as titles. */
const told = async (...tabs: Chat[]) =>
  (await Promise.all(tabs.map((tab) => made(tab.page)))).flat().map((n) => n.title);

/** Chooses of what this browser tells. */
async function tellOf(chat: Chat, level: string): Promise<void> {
  await chat.page.getByRole('button', { name: 'Notifications', exact: true }).click();
  const dialog = chat.page.getByRole('dialog', { name: 'Notifications' });
  await dialog.getByRole('radio', { name: level }).check();
  await expect(dialog.getByText('Your browser lets this site show notifications.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toHaveCount(0);
}

/** Another browser of somebody who is signed in already. */
async function second(person: Person, context: BrowserContext): Promise<Person> {
  await context.request.post('/api/auth/login', { data: { name: person.name, password: person.password } });
  return new Person(person.name, person.password, person.server, context);
}

/** Whether the tab's icon is the one that says that something is unread. */
const marked = (page: Page) =>
  page.evaluate(() => /icon-unread/.test(document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? ''));

/** When a page comes to have a title, in milliseconds since 1970. */
function titled(page: Page, title: string): Promise<number> {
  return page.evaluate(
    (title) =>
      new Promise<number>((resolve) => {
        const watch = new MutationObserver(() => {
          if (document.title !== title) return;
          watch.disconnect();
          resolve(Date.now());
        });
        watch.observe(document.head, { childList: true, characterData: true, subtree: true });
      }),
    title,
  );
}

test('25 the title shows what is unread, the icon what of it names me, and no longer once it was read in another tab or browser', async ({
  ann,
  joins,
  browserFor,
}) => {
  const bob = await joins('bob');
  await ann.context.addInitScript(() => {
    Object.assign(navigator, {
      setAppBadge: async (n: number) => Object.assign(window, { badge: n }),
      clearAppBadge: async () => Object.assign(window, { badge: 0 }),
    });
  });
  await ann.says('random', 'from here on ann reads this room');
  const one = await ann.opens('help');
  const two = await ann.opens('help');
  const far = await (await second(ann, await browserFor())).opens('help');
  const badge = (chat: Chat) => chat.page.evaluate(() => (window as unknown as { badge: number }).badge);
  for (const tab of [one, two, far]) await expect(tab.page).toHaveTitle('#help');
  expect(await marked(one.page)).toBe(false);

  for (const n of [1, 2]) await bob.says('general', `news ${n}`);
  await expect(one.page).toHaveTitle('(2) #help');
  expect([await marked(one.page), await badge(one)]).toEqual([false, 0]);
  await bob.says('general', 'and news for @ann');
  for (const tab of [one, two, far]) {
    await expect(tab.page).toHaveTitle('(3) #help');
    await expect.poll(() => marked(tab.page)).toBe(true);
  }
  await expect.poll(() => badge(one)).toBe(1);
  expect((await one.page.request.get(await icon(one.page))).headers()['content-type']).toContain('image/svg+xml');

  await two.page.bringToFront();
  const cleared = Promise.all([titled(one.page, '#help'), titled(far.page, '#help')]);
  const from = Date.now();
  await two.switchTo('general');
  const [beside, elsewhere] = await cleared;
  tell(
    'a badge goes after it was read in another tab, and in another browser',
    `${beside - from}, ${elsewhere - from} ms`,
  );
  for (const [tab, title] of [
    [one, '#help'],
    [two, '#general'],
    [far, '#help'],
  ] as const) {
    await expect(tab.page).toHaveTitle(title);
    await expect.poll(() => marked(tab.page)).toBe(false);
  }
  await expect.poll(() => badge(one)).toBe(0);

  // In the settings, too.
  await one.page.goto('/settings/notifications');
  await bob.says('random', 'one more');
  await expect(one.page).toHaveTitle(/^\(1\) /);
});

const icon = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? '');

test('26 a message is told of once, by one of the tabs, unless somebody looks at its room or has read it', async ({
  ann,
  joins,
  browserFor,
}) => {
  const bob = await joins('bob');
  await recorded(ann.context);
  const one = await ann.opens('general');
  const two = await ann.opens('help');
  await tellOf(two, 'All messages');

  // two has the focus: its room is silent, the others are not. Of what is HTML, the letters are told.
  await looksAway(one);
  await bob.says('help', 'before your eyes');
  await bob.says('general', '<b>behind</b> your back');
  await two.hears('help', 'before your eyes');
  await expect.poll(() => told(one, two)).toEqual(['bob in #general']);
  const [only] = (await Promise.all([made(one.page), made(two.page)])).flat();
  expect(only?.body).toBe('<b>behind</b> your back');

  // What oneself says on another device is no news; nor what is read there in the meantime.
  const far = await (await second(ann, await browserFor())).opens('random');
  await far.say('random', 'said by ann');
  await bob.says('random', 'read by ann at once');
  await far.hears('random', 'read by ann at once');
  await expect(two.unread('random', 1)).toHaveCount(0);
  await bob.says('general', 'and then');
  await expect.poll(() => told(one, two)).toEqual(['bob in #general', 'bob in #general']);

  // Read elsewhere, it goes; the one before had given its place to it.
  const latest = async () => (await Promise.all([made(one.page), made(two.page)])).flat().at(-1);
  expect((await latest())?.closed).toBe(false);
  await far.switchTo('general');
  await expect.poll(async () => (await latest())?.closed).toBe(true);
});

test('26 a click on a notification goes to the room; only names count where that was chosen', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await recorded(ann.context);
  const chat = await ann.opens('help');
  await tellOf(chat, 'Messages that name me');
  await bob.says('general', 'nothing for anybody');
  await bob.says('random', 'and you, @ann?');
  await expect.poll(() => told(chat)).toEqual(['bob in #random']);
  await chat.page.evaluate(() => {
    const [only] = (window as unknown as Recording).made;
    only?.object.onclick?.(new Event('click'));
  });
  await chat.showsRoom('random');
  await chat.hears('random', 'and you, @ann?');
  expect((await made(chat.page))[0]?.closed).toBe(true);
});

test('26 after a cut there is one notification for all that was missed', async ({ server, ann, joins }) => {
  const bob = await joins('bob');
  await recorded(ann.context);
  let whole = true;
  const sockets = new Set<{ close: (o: { code: number }) => Promise<void> }>();
  await ann.context.routeWebSocket(/\/ws/, (socket) => {
    if (!whole) return void socket.close({ code: 1013 });
    socket.connectToServer();
    sockets.add(socket);
  });
  const chat = await ann.opens('help');
  await tellOf(chat, 'All messages');
  whole = false;
  for (const socket of sockets) await socket.close({ code: 1013 });
  await expect(chat.status).toHaveText(/^Reconnecting/);
  for (const n of [1, 2, 3]) {
    await bob.says('general', `missed ${n}`);
    await bob.says('random', `missed, too ${n}`);
  }
  whole = true;
  await chat.connected();
  await expect.poll(() => told(chat)).toEqual(['6 new messages in 2 rooms']);
  await bob.says('general', 'and a new one');
  await expect.poll(() => told(chat)).toEqual(['6 new messages in 2 rooms', 'bob in #general']);
  expect(server.log).not.toContain('panic');
});

test('26 nobody is asked without a click; a browser that was told no says what to do', async ({ ann }) => {
  await ann.context.addInitScript(() => {
    const asked: string[] = [];
    Object.assign(window, { asked });
    let permission = 'default';
    const Notification = {
      get permission() {
        return permission;
      },
      requestPermission: async () => {
        asked.push('asked');
        permission = 'denied';
        return permission;
      },
    };
    Object.assign(window, { Notification });
  });
  const chat = await ann.opens();
  const asked = () => chat.page.evaluate(() => (window as unknown as { asked: string[] }).asked.length);
  await chat.page.getByRole('button', { name: 'Notifications', exact: true }).click();
  const dialog = chat.page.getByRole('dialog', { name: 'Notifications' });
  await expect(dialog.getByRole('radio', { name: 'Nothing' })).toBeChecked();
  expect(await asked()).toBe(0);
  await dialog.getByText('All messages').click();
  await expect(dialog.getByText(/Your browser blocks notifications from this site/)).toBeVisible();
  await expect(dialog.getByRole('radio', { name: 'Nothing' })).toBeChecked();
  await expect(dialog.getByRole('radio', { name: 'All messages' })).toBeDisabled();
  expect(await asked()).toBe(1);
  await chat.page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(chat.page.getByRole('button', { name: 'Notifications', exact: true })).toBeFocused();
});
