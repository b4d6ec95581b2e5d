import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { owner, refusal, show } from '../entry/testing';
import { Picture } from './Picture';

const picture = { width: 400, height: 100, close: vi.fn() };
const drawn = vi.fn();

// What jsdom has not: pictures and canvases.
beforeEach(() => {
  vi.stubGlobal('createImageBitmap', async (file: File) => {
    if (file.name.endsWith('.txt')) throw new Error('InvalidStateError');
    return picture;
  });
  const canvas = HTMLCanvasElement.prototype;
  vi.spyOn(canvas, 'getContext').mockReturnValue({ clearRect: () => {}, drawImage: drawn } as never);
  vi.spyOn(canvas, 'toBlob').mockImplementation((done) => done(new Blob(['square'], { type: 'image/webp' })));
});

const chooses = (name: string) =>
  fireEvent.change(screen.getByLabelText('Picture file'), { target: { files: [new File(['x'], name)] } });

test('a picture is moved and enlarged by the keyboard, and sent as a square', async () => {
  const setAvatar = vi.fn(async () => ({}) as never);
  const { user } = show(<Picture me={owner}>ann</Picture>, { setAvatar });
  chooses('me.jpg');
  const dialog = within(await screen.findByRole('dialog', { name: 'Choose what is shown' }));
  const square = dialog.getByRole('application');
  await waitFor(() => expect(document.activeElement).toBe(square));
  await user.keyboard('{ArrowLeft}{ArrowLeft}');
  fireEvent.change(dialog.getByRole('slider', { name: 'Zoom' }), { target: { value: '100' } });
  await user.click(dialog.getByRole('button', { name: 'Use this picture' }));
  await screen.findByText('Your new picture is there. Others see it now.');
  expect(setAvatar).toHaveBeenCalledWith(expect.objectContaining({ type: 'image/webp' }));
  expect(drawn.mock.lastCall?.slice(1)).toEqual([181.25, 43.75, 12.5, 12.5, 0, 0, 512, 512]);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(picture.close).toHaveBeenCalled();
});

test('a refusal is told in the question, which stays to try again', async () => {
  const setAvatar = vi.fn(async () => ({}) as never);
  setAvatar.mockRejectedValueOnce(refusal('too_large', 'the file is larger than 5 MB'));
  const { user } = show(<Picture me={owner}>ann</Picture>, { setAvatar });
  chooses('me.jpg');
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: 'Use this picture' }));
  expect((await dialog.findByRole('alert')).textContent).toBe('The file is larger than 5 MB.');
  await user.click(dialog.getByRole('button', { name: 'Use this picture' }));
  await screen.findByText('Your new picture is there. Others see it now.');
});

test('what is no picture is told at once', async () => {
  show(<Picture me={owner}>ann</Picture>, {});
  chooses('notes.txt');
  expect((await screen.findByRole('alert')).textContent).toBe(
    'notes.txt cannot be read as a picture. Choose a PNG, JPEG, GIF or WebP.',
  );
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a picture is taken away', async () => {
  const removeAvatar = vi.fn(async () => ({}) as never);
  const { user } = show(
    <Picture me={owner}>ann</Picture>,
    { removeAvatar },
    { me: { ...owner, avatar: 'api/avatars/1' } },
  );
  await user.click(screen.getByRole('button', { name: 'Remove' }));
  await screen.findByText('Your picture is gone. Others see your initials.');
  expect(removeAvatar).toHaveBeenCalledOnce();
  expect(document.activeElement?.textContent).toBe('Change picture');
});
