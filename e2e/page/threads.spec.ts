import type { Locator } from '@playwright/test';
import { accessible } from './axe.ts';
import { Cable } from './cable.ts';
import type { Chat } from './chat.ts';
import { Person } from './people.ts';
import { expect, password, test } from './test.ts';

const panel = ({ page }: Chat): Locator => page.getByRole('complementary', { name: 'Thread in help' });
const replies = (chat: Chat): Locator => panel(chat).getByRole('log', { name: 'Replies' }).getByRole('article');
const inbox = ({ page }: Chat): Locator => page.getByRole('button', { name: /^Threads(,|$)/ });

/** Says something over REST, in a thread or not, and returns its id. */
async function says(who: Person, content: string, thread?: string): Promise<string> {
  const { id } = await who.post<{ id: string }>('/api/messages', { room: 'help', content, thread });
  return id;
}

test('a thread: unread on a second device until it is read on the first, live in the open panel, whole after a cut', async ({
  ann,
  joins,
  browserFor,
  server,
}) => {
  const bob = await joins('bob');
  const root = await says(ann, 'does the ferry run tonight?');
  await says(bob, 'it does, until eleven', root);

  const cable = await Cable.to(server.base);
  const context = await browserFor({ baseURL: cable.base });
  const laptop = new Person('ann', password, server, context);
  await laptop.post('/api/auth/login', { name: 'ann', password });
  const far = await laptop.opens('help');
  const near = await ann.opens('general');
  for (const chat of [near, far]) await expect(inbox(chat)).toHaveAccessibleName('Threads, 1 unread');
  await expect(
    far.message('help', 'does the ferry run').getByRole('button', { name: /^Thread: 1 reply from bob, 1 new/ }),
  ).toBeVisible();
  await expect(far.message('help', 'it does, until eleven'), 'the room has no replies').toHaveCount(0);

  // The inbox leads to it; being looked at, it is read on every device.
  await inbox(near).click();
  const list = near.page.getByRole('complementary', { name: 'Threads' });
  await expect(list.getByText('1 new')).toBeVisible();
  await accessible(near.page, '[data-panel]', 'the list of threads');
  await list.getByRole('link', { name: /does the ferry run/ }).click();
  await expect(replies(near).filter({ hasText: 'it does, until eleven' })).toBeVisible();
  await expect(panel(near).getByText('New messages')).toBeVisible();
  for (const chat of [near, far]) await expect(inbox(chat)).toHaveAccessibleName('Threads');

  // What others say comes into the open panel, what one says goes out of it, and both are counted under the root.
  await far
    .message('help', 'does the ferry run')
    .getByRole('button', { name: /^Thread: 1 reply/ })
    .click();
  await says(bob, 'bring a coat', root);
  for (const chat of [near, far]) await expect(replies(chat).filter({ hasText: 'bring a coat' })).toHaveCount(1);
  const box = panel(near).getByRole('textbox', { name: 'Reply in the thread' });
  await box.fill('I will, thank you');
  await box.press('Enter');
  for (const chat of [near, far]) await expect(replies(chat).filter({ hasText: 'I will, thank you' })).toHaveCount(1);
  await expect(
    near.message('help', 'does the ferry run').getByRole('button', { name: /^Thread: 3 replies from ann and bob/ }),
  ).toBeVisible();

  // A cut: what was said meanwhile is there, and what one says waits and is there once.
  cable.cut();
  await expect(far.status).toHaveText(/^(Reconnecting|Connecting)/);
  await says(bob, 'said during the cut', root);
  const farBox = panel(far).getByRole('textbox', { name: 'Reply in the thread' });
  await farBox.fill('written during the cut');
  await farBox.press('Enter');
  const waiting = replies(far).filter({ hasText: 'written during the cut' });
  await expect(waiting.getByText('Waiting for the connection')).toBeVisible();
  cable.mend();
  await far.connected();
  await expect(replies(far).filter({ hasText: 'said during the cut' })).toHaveCount(1);
  await expect(waiting.getByText('Waiting for the connection')).toHaveCount(0);
  for (const chat of [near, far])
    await expect(replies(chat).filter({ hasText: 'written during the cut' })).toHaveCount(1);

  // An edit and a deletion in the thread, by the menu of a reply.
  await replies(near).filter({ hasText: 'I will, thank you' }).hover();
  await replies(near)
    .filter({ hasText: 'I will, thank you' })
    .getByRole('button', { name: 'More', exact: true })
    .click();
  await near.page.getByRole('menuitem', { name: 'Delete…' }).click();
  await near.page.getByRole('button', { name: 'Delete', exact: true }).click();
  for (const chat of [near, far]) await expect(replies(chat).filter({ hasText: 'I will, thank you' })).toHaveCount(0);

  // Following ends by a button, and Esc gives the focus back to what opened the panel.
  await panel(near).getByRole('button', { name: 'Stop following this thread' }).click();
  await expect(panel(far).getByRole('button', { name: 'Follow this thread' })).toBeVisible();
  const opener = far.message('help', 'does the ferry run').getByRole('button', { name: /^Thread:/ });
  await farBox.press('Escape');
  await expect(panel(far)).toHaveCount(0);
  await expect(opener).toBeFocused();
  cable.close();

  // A link to a reply opens its thread; on a phone it takes the screen.
  const [, reply] = (await (await bob.api.get(`/api/messages?room=help&thread=${root}`)).json()).messages;
  await near.page.setViewportSize({ width: 360, height: 740 });
  await near.page.goto(`/rooms/help/${reply.id}`);
  await expect(replies(near).filter({ hasText: 'bring a coat' })).toBeVisible();
  expect((await panel(near).boundingBox())?.width).toBe(360);
});
