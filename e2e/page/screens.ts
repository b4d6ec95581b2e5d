import { join } from 'node:path';
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { Chat } from './chat.ts';
import type { Server } from './server.ts';

/** A screen and how a tab gets to it, whatever it shows before. */
export interface Screen {
  name: string;
  go: (page: Page) => Promise<void>;
  /** A narrow window has another way to it, or shows it otherwise: it is gone to once more there. Others are seen in a window that has become narrow. */
  anew?: boolean;
  /** What is new on it, where the rest is another screen: axe looks at that alone, which is faster. */
  part?: string;
}

/** What opens over a room or beside it. */
const over = '[role="dialog"], [role="menu"], [data-panel]';

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
  return [
    ...chatScreens(),
    ...messageScreens(),
    ...roomScreens(),
    ...settingsScreens(),
    announcementScreen(),
    disconnectedScreen(server),
  ];
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
  const own = ['profile', 'notifications', 'availability', 'sessions'];
  const tabs = [...own, 'people', 'invites', 'rooms', 'workspace', 'reports', 'announcements', 'audit'].map((tab) => ({
    name: `settings-${tab}`,
    go: async (page: Page) => {
      await page.goto(`/settings/${tab}`);
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible(); // the page that loads has none
      await expect(page.getByText(/^Loading/)).toHaveCount(0);
    },
  }));
  return [...tabs, crop];
}

function chatScreen(name: string, room: string, then: (chat: Chat) => Promise<void>, part?: string): Screen {
  return {
    name,
    part,
    go: async (page) => {
      const tab = new Chat(page);
      await page.goto(`/rooms/${room}`);
      await expect(page.getByRole('heading', { name: room, exact: true })).toBeVisible();
      await tab.connected();
      await then(tab);
    },
  };
}

function overRoom(name: string, room: string, then: (chat: Chat) => Promise<void>): Screen {
  return chatScreen(name, room, then, over);
}

/** A room without its server, which is killed. */
export function disconnectedScreen(server: Server): Screen {
  return chatScreen('disconnected', 'general', async (tab) => {
    await expect(tab.message('general', 'the last of them')).toBeVisible();
    await server.kill();
    await expect(tab.status).toHaveText(/^Reconnecting/);
    await expect(tab.page.getByRole('button', { name: 'Try now' })).toBeVisible();
  });
}

/** Rooms, and what opens in them. */
export function chatScreens(): Screen[] {
  const chat = chatScreen;
  const inDrawer: typeof chat = (...of) => ({ ...chat(...of), anew: true });
  return [
    chat('chat', 'general', async (tab) => {
      await expect(tab.message('general', 'the last of them')).toBeVisible();
      await expect(tab.message('general', 'Low water').getByRole('button', { name: /👍$/ })).toBeVisible();
      await expect(tab.message('general', 'The ferry is late').getByText('Low water is at ten')).toBeVisible();
    }),
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
    inDrawer('account', 'general', async (tab) => {
      await tab.openRooms();
      await tab.account.click();
      await expect(tab.page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible();
    }),
    inDrawer('rooms', 'general', async (tab) => {
      await tab.openRooms();
      await expect(tab.room('random')).toBeVisible();
    }),
    chat('new-room', 'general', async (tab) => {
      await tab.openRooms();
      await tab.page.getByRole('button', { name: 'New room' }).click();
      await tab.page.getByRole('radio', { name: 'Only its members' }).check();
      await expect(tab.page.getByRole('group', { name: 'What new members see' })).toBeVisible();
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

/** What one does with messages, and where those of all rooms stand that are for oneself. */
export function messageScreens(): Screen[] {
  const menu = async (tab: Chat, text: string) => {
    const message = tab.message('general', text).first(); // the other is its quote
    const items = tab.page.getByRole('menu');
    // What stands with messages is loaded after them and may move this one from under the mouse.
    await expect(async () => {
      if ((await items.count()) === 0) {
        await message.hover({ timeout: 1000 });
        await message.getByRole('button', { name: 'More', exact: true }).click({ timeout: 1000 });
      }
      await expect(items).toBeVisible({ timeout: 1000 });
    }).toPass();
  };
  const more = async (tab: Chat, text: string, item: string) => {
    await menu(tab, text);
    await tab.page.getByRole('menuitem', { name: item }).click();
  };
  const view = (name: string, shows: RegExp): Screen =>
    overRoom(name.toLowerCase(), 'general', async (tab) => {
      await tab.openRooms();
      await tab.page.getByRole('button', { name: new RegExp(`^${name}(,|$)`) }).click();
      await expect(tab.page.getByRole('complementary', { name }).getByText(shows).first()).toBeVisible();
    });
  return [
    overRoom('message-menu', 'general', async (tab) => {
      await menu(tab, 'the last of them');
      await expect(tab.page.getByRole('menuitem', { name: 'Delete…' })).toBeVisible();
    }),
    chatScreen('edit', 'general', async (tab) => {
      await tab.composer('general').fill('');
      await tab.composer('general').press('ArrowUp');
      await expect(tab.page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
    }),
    overRoom('delete', 'general', async (tab) => {
      await more(tab, 'The ferry is late', 'Delete…');
      await expect(tab.page.getByRole('dialog', { name: 'Delete this message?' })).toBeVisible();
    }),
    overRoom('versions', 'general', async (tab) => {
      await more(tab, 'Low water is at ten', 'Show earlier versions');
      await expect(tab.page.getByRole('dialog').getByText('Low water is at nine')).toBeVisible();
    }),
    overRoom('report', 'general', async (tab) => {
      await more(tab, 'The ferry is late', 'Report…');
      await expect(tab.page.getByRole('dialog', { name: 'Report this message' })).toBeVisible();
    }),
    overRoom('pins', 'general', async (tab) => {
      await tab.page.getByRole('button', { name: 'Pinned messages' }).click();
      await expect(tab.page.getByRole('complementary').getByText('Low water is at ten')).toBeVisible();
    }),
    overRoom('thread', 'general', async (tab) => {
      const replies = tab.message('general', 'Who has the key').getByRole('button', { name: /^Thread:/ });
      const panel = tab.page.getByRole('complementary', { name: 'Thread in general' });
      // It may move from under the mouse, as in menu above.
      await expect(async () => {
        await replies.click();
        await expect(panel).toBeVisible({ timeout: 1000 });
      }).toPass();
      await expect(panel.getByText('Thank you, found it.')).toBeVisible();
    }),
    view('Threads', /the crane/),
    view('Mentions', /can you look at the crane/),
    view('Saved', /Low water is at ten/),
    {
      name: 'catch-up',
      go: async (page) => {
        await page.goto('/catchup');
        await expect(page.getByText('can you look at the crane')).toBeVisible();
      },
    },
  ];
}

/** Rooms of the other kinds, who is in them and what they are, and what one does beside them. */
export function roomScreens(): Screen[] {
  const members = async (tab: Chat) => {
    await tab.page.getByRole('button', { name: 'People', exact: true }).click();
    await tab
      .people('vault')
      .getByRole('button', { name: /^Actions for/ })
      .click();
    await expect(tab.page.getByRole('menuitemradio', { name: 'Room moderator' })).toBeVisible();
  };
  const roomMenu = async (tab: Chat) => {
    await tab.page.getByRole('button', { name: 'Actions for vault' }).click();
    await expect(tab.page.getByRole('menuitem', { name: 'Mute the room' })).toBeVisible();
  };
  return [
    overRoom('browse', 'general', async (tab) => {
      await tab.openRooms();
      await tab.page.getByRole('button', { name: 'Browse rooms' }).click();
      await expect(tab.page.getByRole('list', { name: 'Public rooms' })).toBeVisible();
    }),
    overRoom('new-direct', 'general', async (tab) => {
      await tab.openRooms();
      await tab.page.getByRole('button', { name: 'New direct message' }).click();
      await expect(tab.page.getByRole('dialog').getByRole('checkbox')).toBeVisible();
    }),
    {
      name: 'direct',
      go: async (page) => {
        const { rooms } = await (await page.request.get('/api/rooms')).json();
        const { name } = rooms.find(({ kind }: { kind: string }) => kind === 'direct');
        await page.goto(`/rooms/${name}`);
        await expect(page.getByRole('log').getByText('have you a minute?')).toBeVisible();
      },
    },
    overRoom('room-menu', 'vault', roomMenu),
    overRoom('members', 'vault', members),
    overRoom('remove', 'vault', async (tab) => {
      await members(tab);
      await tab.page.getByRole('menuitem', { name: 'Remove from the room' }).click();
      await expect(tab.page.getByRole('dialog', { name: /^Remove .* from vault\?$/ })).toBeVisible();
    }),
    overRoom('details', 'vault', async (tab) => {
      await roomMenu(tab);
      await tab.page.getByRole('menuitem', { name: 'Room details' }).click();
      await expect(tab.page.getByRole('button', { name: 'Leave the room' })).toBeAttached();
    }),
    overRoom('own-status', 'general', async (tab) => {
      await tab.openRooms();
      await tab.account.click();
      await tab.page.getByRole('menuitem', { name: /your status…|a status…/ }).click();
      await expect(tab.page.getByRole('dialog', { name: 'What are you doing?' })).toBeVisible();
    }),
  ];
}

/** A room in which those who do not look after it only read, and answer in threads. */
export function readOnlyScreen(): Screen {
  return chatScreen('read-only', 'notices', async (tab) => {
    await expect(tab.page.getByText('Only moderators post in this room.')).toBeVisible();
  });
}

/** What the owner has announced, over the room. */
export function announcementScreen(): Screen {
  return {
    name: 'announcement',
    go: async (page) => {
      const { announcements } = await (await page.request.get('/api/announcements')).json();
      const content = 'The server is down for half an hour from six: see https://example.org/status';
      if (announcements.length === 0) await page.request.post('/api/announcements', { data: { content } });
      await page.goto('/rooms/general');
      await expect(page.getByRole('region', { name: 'Announcement' })).toBeVisible();
    },
  };
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
