import { join } from 'node:path';
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { Chat } from './chat.ts';
import type { Person } from './people.ts';
import type { Server } from './server.ts';

/** A screen and how a tab gets to it, whatever it shows before. */
export interface Screen {
  name: string;
  go: (page: Page) => Promise<void>;
  /** It can be reached once: where it is to be seen in another size, the window is made that size. */
  once?: boolean;
}

/** The screen of a server that nobody has set up. */
export function setupScreen(link: string): Screen {
  return {
    name: 'setup',
    go: async (page) => {
      await page.goto(link);
      await expect(page.getByRole('button', { name: 'Create and open general' })).toBeVisible();
    },
  };
}

/** What somebody sees who is not signed in. */
export function entryScreens(invitation: string): Screen[] {
  const form = (name: string, path: string, button: string): Screen => ({
    name,
    go: async (page) => {
      await page.goto(path);
      await expect(page.getByRole('button', { name: button, exact: true })).toBeVisible();
    },
  });
  return [
    form('signin', '/signin', 'Sign in'),
    {
      name: 'signin-wrong',
      go: async (page) => {
        await page.goto('/signin');
        await page.getByLabel('Name or e-mail').fill('nobody');
        await page.getByLabel('Password', { exact: true }).fill('not a password');
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await expect(page.getByRole('alert')).toBeVisible();
      },
    },
    form('join', `/join/${invitation}`, 'Join and open general'),
    {
      name: 'join-invalid',
      go: async (page) => {
        await page.goto('/join/abcdefghijklmnopqrstuvwxyz');
        await expect(page.getByRole('heading', { name: 'This invitation does not work' })).toBeVisible();
      },
    },
    form('guest', '/guest', 'Enter'),
  ];
}

/** What the owner sees. The last of these screens needs the server to be gone: it is killed for that. */
export function ownerScreens(server: Server): Screen[] {
  return [...chatScreens(), ...settingsScreens(), disconnectedScreen(server)];
}

/** The tabs of the settings. */
export function settingsScreens(): Screen[] {
  const crop: Screen = {
    name: 'crop',
    go: async (page) => {
      await page.goto('/settings/profile');
      const picture = join(import.meta.dirname, '..', '..', 'docs', 'images', 'room-light.png');
      await page.getByLabel('Picture file').setInputFiles(picture);
      await expect(page.getByRole('dialog', { name: 'Choose what is shown' })).toBeVisible();
    },
  };
  const tabs = ['profile', 'notifications', 'sessions', 'people', 'invites', 'rooms', 'workspace', 'audit'].map(
    (tab) => ({
      name: `settings-${tab}`,
      go: async (page: Page) => {
        await page.goto(`/settings/${tab}`);
        await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible(); // the page that loads has none
        await expect(page.getByText(/^Loading/)).toHaveCount(0);
      },
    }),
  );
  return [...tabs, crop];
}

function chatScreen(name: string, room: string, then: (chat: Chat) => Promise<void>): Screen {
  return {
    name,
    go: async (page) => {
      const tab = new Chat(page);
      await page.goto(`/rooms/${room}`);
      await expect(page.getByRole('heading', { name: room, exact: true })).toBeVisible();
      await tab.connected();
      await then(tab);
    },
  };
}

/** A room without its server, which is killed. */
export function disconnectedScreen(server: Server): Screen {
  const { name, go } = chatScreen('disconnected', 'general', async (tab) => {
    await expect(tab.message('general', 'the last of them')).toBeVisible();
    await server.kill();
    await expect(tab.status).toHaveText(/^Reconnecting/);
    await expect(tab.page.getByRole('button', { name: 'Try now' })).toBeVisible();
  });
  return { name, go, once: true };
}

/** Rooms, and what opens in them. */
export function chatScreens(): Screen[] {
  const chat = chatScreen;
  return [
    chat('chat', 'general', (tab) => expect(tab.message('general', 'the last of them')).toBeVisible()),
    {
      name: 'permalink',
      go: async (page) => {
        const { messages } = await (await page.request.get('/api/messages?room=general&page=1')).json();
        await page.goto(`/rooms/general/${messages[0].id}`);
        await expect(new Chat(page).message('general', messages[0].content)).toBeInViewport();
      },
    },
    chat('empty', 'help', (tab) => expect(tab.log('help').getByRole('article')).toHaveCount(0)),
    chat('people', 'general', async (tab) => {
      await tab.page.getByRole('button', { name: /^People/ }).click();
      await expect(tab.people('general')).toBeVisible();
    }),
    chat('account', 'general', async (tab) => {
      await tab.openRooms();
      await tab.account.click();
      await expect(tab.page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible();
    }),
    chat('rooms', 'general', async (tab) => {
      await tab.openRooms();
      await expect(tab.room('random')).toBeVisible();
    }),
    chat('new-room', 'general', async (tab) => {
      await tab.openRooms();
      await tab.page.getByRole('button', { name: 'New room' }).click();
      await expect(tab.page.getByRole('dialog').getByLabel(/^Name/)).toBeVisible();
    }),
    chat('invite', 'general', async (tab) => {
      await tab.openRooms();
      await tab.page.getByRole('button', { name: 'Invite people' }).first().click();
      await expect(tab.page.getByRole('img', { name: 'QR code of the invitation link' })).toBeVisible();
    }),
    chat('switcher', 'general', async (tab) => {
      await tab.page.keyboard.press('Control+k');
      await expect(tab.page.getByRole('combobox', { name: 'Jump to a room' })).toBeFocused();
    }),
    chat('shortcuts', 'general', async (tab) => {
      await tab.page.keyboard.press('Control+/');
      await expect(tab.page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    }),
    chat('notifications', 'general', async (tab) => {
      await tab.openRooms();
      await tab.page.getByRole('button', { name: 'Notifications', exact: true }).click();
      await expect(tab.page.getByRole('dialog', { name: 'Notifications' })).toBeVisible();
    }),
    chat('emoji', 'general', async (tab) => {
      await tab.page.getByRole('button', { name: 'Emoji', exact: true }).click();
      await expect(tab.page.getByRole('dialog', { name: 'Pick an emoji' }).getByRole('gridcell').first()).toBeVisible();
    }),
    chat('suggestions', 'random', async (tab) => {
      await tab.composer('random').fill(''); // a draft may be left from before
      await tab.composer('random').pressSequentially('@');
      await expect(tab.page.getByRole('listbox')).toBeVisible();
    }),
    chat('archived', 'harbour', async (tab) => {
      await expect(tab.page.getByText(/^This room is archived/)).toBeVisible();
    }),
    {
      name: 'no-room',
      go: async (page) => {
        await page.goto('/rooms/nowhere');
        await expect(page.getByRole('heading', { name: /^There is no room/ })).toBeVisible();
      },
    },
  ];
}

/** Fills a workspace with what the screens show. */
export async function furnish(ann: Person, bob: Person): Promise<void> {
  await ann.put('/api/workspace', { name: 'Tidewater', hue: 212 });
  await ann.invites({ max_uses: 5 });
  const talk: [Person, string][] = [
    [ann, 'Good morning! The tide table for next week is ready.'],
    [bob, 'Thank you. Does it have the spring tide on Thursday?'],
    [ann, 'It does, with the new gauge at the harbour mouth: https://example.org/tides'],
    [
      ann,
      'A longer line, so that one sees how text wraps: the gauge was moved twenty metres to the east in May, which is why the older readings stand a hand lower than they should, and nobody noticed until the ferry did.',
    ],
    [bob, 'for (const tide of tides) print(tide)\n  // two lines, as typed'],
    [
      bob,
      'averyveryveryverylongwordwithoutanyplacetobreakitbecausepeoplepastesuchthings0123456789abcdefghijklmnopqrstuvwxyz',
    ],
    [
      bob,
      '**Berths** for *Friday*, see `berths.csv`:\n\n1. north quay\n2. ferry\n\n> as agreed on Monday\n\n```js\nfor (const tide of tides) print(tide); // a line that is longer than a phone is wide, so that the code has to be scrolled\n```',
    ],
    [bob, '🌊'],
    [ann, 'the last of them'],
  ];
  for (const [person, line] of talk) await person.says('general', line);
  await bob.says('random', 'Cats, coffee, crosswords.');
  await ann.post('/api/rooms', { name: 'harbour', topic: 'Berths and bollards' });
  await ann.says('harbour', 'The north quay is done.');
  await ann.put('/api/rooms/harbour/archived', { archived: true });
}

/** Goes to each of screens, one after another in a new tab, and does then there. */
export async function tour(
  context: BrowserContext,
  screens: Screen[],
  then: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const page = await context.newPage();
  for (const screen of screens) {
    await screen.go(page);
    await then(page, screen.name);
  }
  await page.close();
}
