import { join } from 'node:path';
import process from 'node:process';
import { Chat } from './chat.ts';
import { Person } from './people.ts';
import { expect, password, test } from './test.ts';

const images = join(import.meta.dirname, '..', '..', 'docs', 'images');

const names = { ana: 'Ana Ruiz', jonas: 'Jonas Weber', priya: 'Priya Nair', tom: 'Tom Okafor', yuki: 'Yuki Tanaka' };

const talk: [keyof typeof names | 'mara', string][] = [
  ['ana', 'Morning, all. The **new gauge** at the harbour mouth is in: readings every ten minutes from now on.'],
  ['tom', 'Lovely. The ferry people have been asking since May.'],
  ['mara', 'Does it change Thursday’s table? The spring tide is at `06:42`.'],
  ['ana', 'By four minutes. Both versions side by side: https://example.org/tides/thursday'],
  [
    'priya',
    'Four minutes is the whole margin at the low bridge. Two things before noon:\n\n- print it\n- tell the pilots',
  ],
  ['jonas', 'Printing now. I will take it to the quay.'],
  ['mara', 'Thank you, Jonas. Then we are set for the week.'],
];

// The pictures of the README, taken by `make shots` alone: the hours in them are those at which they were taken.
if (process.env.PARLEY_SHOTS) {
  test('the pictures of the README', async ({ server, browserFor }) => {
    test.slow(); // six people
    const mara = new Person('mara', password, server, await browserFor({ viewport: { width: 1280, height: 800 } }));
    await mara.post('/api/auth/register', { name: 'mara', password, setup: await server.setupCode() });
    await mara.put('/api/me', { display: 'Mara Lind' });
    await mara.put('/api/workspace', { name: 'Tidewater', hue: 212 });
    for (const name of ['design', 'release']) await mara.post('/api/rooms', { name, topic: '' });
    const { code } = await mara.invites({ max_uses: 9 });
    const people: Record<string, Person> = { mara };
    const tabs: Record<string, Chat> = {};
    for (const [name, display] of Object.entries(names)) {
      const person = new Person(name, password, server, await browserFor());
      await person.post('/api/auth/register', { name, password, display, invite: code });
      people[name] = person;
      tabs[name] = await person.opens();
    }
    for (const [name, line] of talk) await people[name]?.says('general', line);

    const chat = await mara.opens();
    await people.tom?.says('design', 'The new chart, second draft.');
    await people.ana?.says('release', 'Tagged.');
    await people.yuki?.says('release', 'And published.');
    await chat.page.getByRole('button', { name: /^People/ }).click();
    await expect(chat.people('general').getByText('Yuki Tanaka')).toBeVisible();
    await expect(chat.unread('release', 2)).toBeVisible();
    await chat.composer('general').focus();
    const typing = tabs.priya?.composer('general');
    await expect(async () => {
      await typing?.press('.');
      expect(await chat.typing.count()).toBe(1);
    }).toPass({ intervals: [100] });
    await chat.page.screenshot({ path: join(images, 'room-light.png'), animations: 'disabled', caret: 'hide' });
    await typing?.clear();

    const pocket = await browserFor({
      viewport: { width: 390, height: 800 },
      deviceScaleFactor: 2,
      colorScheme: 'dark',
      storageState: await mara.context.storageState(),
    });
    const phone = new Chat(await pocket.newPage());
    await phone.page.goto('/rooms/general');
    await phone.connected();
    await expect(phone.message('general', 'set for the week')).toBeInViewport();
    await phone.page.screenshot({ path: join(images, 'room-phone-dark.png'), animations: 'disabled', caret: 'hide' });
  });
}
