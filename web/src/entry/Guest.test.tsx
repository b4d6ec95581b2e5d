import { screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { EntryScreens } from '.';
import { type Answers, later, refusal, show, workspace } from './testing';

async function open(guest: Answers['guest']) {
  const found = show(
    <EntryScreens path="/guest" />,
    { workspace: async () => ({ ...workspace, guests: true }), guest },
    { path: '/guest' },
  );
  await screen.findByRole('heading', { name: 'Enter as a guest' });
  return found;
}

const done = async () => ({}) as never;

it('lets in with a trimmed name alone', async () => {
  const guest = vi.fn(done);
  const { user } = await open(guest);
  expect(document.activeElement).toBe(screen.getByLabelText('Name'));
  await user.keyboard('  ann {Enter}');
  await waitFor(() => expect(location.pathname).toBe('/'));
  expect(guest.mock.calls).toEqual([[{ name: 'ann' }]]);
});

it('sends an address that was given', async () => {
  const guest = vi.fn(done);
  const { user } = await open(guest);
  await user.type(screen.getByLabelText('Name'), 'ann');
  await user.type(screen.getByLabelText('E-mail'), 'ann@example.org ');
  await user.click(screen.getByRole('button', { name: 'Enter' }));
  await waitFor(() => expect(guest).toHaveBeenCalledWith({ name: 'ann', email: 'ann@example.org' }));
});

it('tells a blank name and a wrong address, each at its field', async () => {
  const guest = vi.fn(done);
  const { user } = await open(guest);
  await user.type(screen.getByLabelText('Name'), '   ');
  await user.type(screen.getByLabelText('E-mail'), 'ann{Enter}');
  expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([
    'Enter a name.',
    'This is not an e-mail address. It looks like ann@example.org.',
  ]);
  expect(guest).not.toHaveBeenCalled();
});

it('says when the name is in use, and keeps it', async () => {
  const { user } = await open(() => Promise.reject(refusal('conflict', 'this name is in use: choose another')));
  await user.keyboard('ann{Enter}');
  expect((await screen.findByRole('alert')).textContent).toBe('This name is in use: choose another.');
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('ann');
  expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true');
});

it('cannot be sent twice', async () => {
  const answer = later<never>();
  const guest = vi.fn(() => answer.promise);
  const { user } = await open(guest);
  await user.keyboard('ann{Enter}{Enter}{Enter}');
  expect(guest).toHaveBeenCalledTimes(1);
});

it('says where guests are not taken', async () => {
  show(<EntryScreens path="/guest" />, { workspace: async () => workspace });
  expect(await screen.findByRole('heading', { name: 'Tidewater takes no guests' })).toBeTruthy();
  expect(screen.queryByLabelText('Name')).toBeNull();
});
