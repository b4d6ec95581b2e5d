import { Buffer } from 'node:buffer';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './test.ts';

/** A JPEG whose left half is red and whose right half is blue, and that tells where it was taken. */
async function takenPicture(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 400;
    canvas.height = 200;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.fillStyle = '#d00000';
    context.fillRect(0, 0, 200, 200);
    context.fillStyle = '#0000d0';
    context.fillRect(200, 0, 200, 200);
    return canvas.toDataURL('image/jpeg', 0.95);
  });
  const jpeg = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  const exif = Buffer.from('Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0GPS 52.52 N 13.40 E', 'latin1');
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2]);
  return { name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.concat([head, exif, jpeg.subarray(2)]) };
}

/** The colour at one place of a picture that is shown, as "red" or "blue"; x and y from 0 to 1. */
function colourAt(image: Locator, x: number, y: number): Promise<string> {
  return image.evaluate(
    async (element, [x, y]) => {
      const shown = element as HTMLImageElement;
      await shown.decode();
      const canvas = document.createElement('canvas');
      canvas.width = shown.naturalWidth;
      canvas.height = shown.naturalHeight;
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      context.drawImage(shown, 0, 0);
      const [red = 0, , blue = 0] = context.getImageData(
        Math.floor(x * (canvas.width - 1)),
        Math.floor(y * (canvas.height - 1)),
        1,
        1,
      ).data;
      return red > 2 * blue ? 'red' : blue > 2 * red ? 'blue' : `${red}, ${blue}`;
    },
    [x, y] as const,
  );
}

const choose = (page: Page, file: { name: string; mimeType: string; buffer: Buffer }) =>
  page.getByLabel('Picture file').setInputFiles(file);

test('a picture is cut to a square by keyboard or pointer, and others see it without a reload', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  await ann.says('general', 'hello');
  const theirs = await bob.opens();
  const face = theirs.message('general', 'hello').locator('img');
  await theirs.hears('general', 'hello');
  await expect(face).toHaveCount(0);

  const page = await ann.context.newPage();
  await page.goto('/settings/profile');
  await choose(page, await takenPicture(page));
  const dialog = page.getByRole('dialog', { name: 'Choose what is shown' });
  const square = dialog.getByRole('application', { name: 'Your picture' });
  await expect(square).toBeFocused();
  for (let i = 0; i < 10; i++) await square.press('ArrowLeft');
  await dialog.getByRole('button', { name: 'Use this picture' }).click();
  await expect(page.getByText('Your new picture is there.')).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Change picture' })).toBeFocused();

  await expect(face).toHaveCount(1);
  for (const corner of [0.02, 0.98]) expect(await colourAt(face, corner, corner)).toBe('red');
  const first = await face.getAttribute('src');
  const answer = await bob.api.get(`/${first}`);
  expect(answer.headers()).toMatchObject({
    'content-type': 'image/jpeg',
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  expect((await answer.body()).toString('latin1')).not.toMatch(/Exif|GPS|52\.52/);

  await choose(page, await takenPicture(page));
  const box = (await square.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.move(box.x + box.width - 5, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x - box.width, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await dialog.getByRole('slider', { name: 'Zoom' }).fill('50');
  await dialog.getByRole('button', { name: 'Use this picture' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(face).not.toHaveAttribute('src', first ?? '');
  for (const corner of [0.02, 0.98]) expect(await colourAt(face, corner, corner)).toBe('blue');
  expect((await bob.api.get(`/${first}`)).status(), 'the first one, which nobody shows any more').toBe(404);

  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Your picture is gone.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Upload a picture' })).toBeFocused();
  await expect(face).toHaveCount(0);
});

test('a picture that is refused says why, and nothing is lost', async ({ ann }) => {
  const page = await ann.context.newPage();
  await page.goto('/settings/profile');
  await page.getByLabel('Display name').fill('Not saved yet');
  await choose(page, { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\nno more') });
  await expect(page.getByRole('alert')).toHaveText(
    'notes.png cannot be read as a picture. Choose a PNG, JPEG, GIF or WebP.',
  );
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.route('**/api/me/avatar', (route) =>
    route.fulfill({
      status: 413,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 413, code: 'too_large', detail: 'the file is larger than 5 MB' }),
    }),
  );
  await choose(page, await takenPicture(page));
  const dialog = page.getByRole('dialog', { name: 'Choose what is shown' });
  await dialog.getByRole('button', { name: 'Use this picture' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('The file is larger than 5 MB.');
  await page.unroute('**/api/me/avatar');
  await dialog.getByRole('button', { name: 'Use this picture' }).click();
  await expect(page.getByText('Your new picture is there.')).toBeVisible();
  await expect(page.getByLabel('Display name')).toHaveValue('Not saved yet');
});

test('a new display name is seen by others without a reload', async ({ ann, joins }) => {
  const bob = await joins('bob');
  await ann.says('general', 'hello');
  const theirs = await bob.opens();
  await expect(theirs.message('general', 'hello')).toContainText('ann');
  const page = await ann.context.newPage();
  await page.goto('/settings/profile');
  await page.getByLabel('Display name').fill('Ann of the Tide');
  await page.getByRole('form', { name: 'Profile' }).getByRole('button', { name: 'Save' }).click();
  await expect(theirs.message('general', 'hello')).toContainText('Ann of the Tide');
});
