import { Chat } from './chat.ts';
import { expect, password, test } from './test.ts';

test('from the printed link to a talk between two browsers, without reading anything but the screen', async ({
  server,
  browserFor,
}, info) => {
  const begin = Date.now();
  const owner = new Chat(await (await browserFor()).newPage());

  await test.step('the owner fills one form', async () => {
    await owner.page.goto(await server.setupLink());
    await expect(owner.page.getByRole('heading', { name: 'Set up your workspace' })).toBeVisible();
    await owner.page.getByLabel('Workspace name').fill('Tidewater');
    await owner.page.getByLabel('Name', { exact: true }).fill('ann');
    await owner.page.getByLabel('E-mail').fill('ann@example.org');
    await owner.page.getByLabel('Password', { exact: true }).fill(password);
    await owner.page.getByRole('button', { name: 'Create and open general' }).click();
  });

  const invitation = await test.step('an invitation is there to be copied', async () => {
    const dialog = owner.page.getByRole('dialog', { name: 'Invite people' });
    await expect(dialog.getByRole('img', { name: 'QR code of the invitation link' })).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Copy link' })).toBeVisible();
    const link = dialog.getByRole('textbox', { name: 'Invitation link' });
    await expect(link).toHaveValue(new RegExp(`^${server.base}/join/`));
    const value = await link.inputValue();
    await dialog.getByRole('button', { name: 'Go to general' }).click();
    return value;
  });

  await test.step('and one stands in general with the cursor in the composer', async () => {
    await owner.showsRoom('general');
    await expect(owner.composer('general')).toBeFocused();
    await owner.connected();
    await owner.page.keyboard.type('Is anybody there?');
    await owner.page.keyboard.press('Enter');
    await owner.hears('general', 'Is anybody there?');
  });

  const guest = new Chat(await (await browserFor()).newPage());
  await test.step('the second person opens the invitation and joins', async () => {
    await guest.page.goto(invitation);
    await expect(guest.page.getByRole('heading', { name: 'Join Tidewater' })).toBeVisible();
    await guest.page.getByLabel('Name', { exact: true }).fill('bob');
    await guest.page.getByLabel('Password', { exact: true }).fill(password);
    await guest.page.getByRole('button', { name: 'Join and open general' }).click();
    await guest.showsRoom('general');
    await expect(guest.composer('general')).toBeFocused();
    await guest.hears('general', 'Is anybody there?');
  });

  await test.step('both talk', async () => {
    await guest.page.keyboard.type('I am, since a second ago.');
    await guest.page.keyboard.press('Enter');
    await owner.hears('general', 'I am, since a second ago.');
    await owner.say('general', 'Welcome!');
    await guest.hears('general', 'Welcome!');
  });
  info.annotations.push({ type: 'from the link to the talk', description: `${Date.now() - begin} ms` });
});

test('after the form the address is that of the room: the link is in no history of the page', async ({
  server,
  browserFor,
}) => {
  const { page } = new Chat(await (await browserFor()).newPage());
  const code = await server.setupCode();
  await page.goto(await server.setupLink());
  await page.getByLabel('Workspace name').fill('Tidewater');
  await page.getByLabel('Name', { exact: true }).fill('ann');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create and open general' }).click();
  await page.getByRole('button', { name: 'Go to general' }).click();
  await expect(page).toHaveURL(`${server.base}/rooms/general`);
  expect(server.log.split(code).length, 'the code stands in the log once: where the link is printed').toBe(2);
});
