import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { onThisMachine, ShareLink, termsOf } from './ShareLink';

const url = 'https://chat.tidewater.example/join/mfrggzdfmztwq2lknnwg23tpoa';
const now = Date.parse('2026-11-20T12:00:00Z');

function open() {
  const user = userEvent.setup();
  render(<ShareLink invitation={{ url, expires: null, maxUses: 0 }} />);
  return { user, field: screen.getByLabelText<HTMLInputElement>('Invitation link') };
}

afterEach(() => Reflect.deleteProperty(document, 'execCommand'));

it('copies the link', async () => {
  const { user } = open();
  await user.click(screen.getByRole('button', { name: 'Copy link' }));
  expect((await screen.findByText('Copied.')).getAttribute('role')).toBe('status');
  expect(await navigator.clipboard.readText()).toBe(url);
});

it('copies what is selected where the clipboard is not allowed', async () => {
  const { user, field } = open();
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('denied', 'NotAllowedError'));
  document.execCommand = vi.fn(() => true);
  await user.click(screen.getByRole('button', { name: 'Copy link' }));
  expect(await screen.findByText('Copied.')).toBeTruthy();
  expect(document.execCommand).toHaveBeenCalledWith('copy');
  expect([field.selectionStart, field.selectionEnd]).toEqual([0, url.length]);
});

it('selects the link and says how to copy it where nothing is allowed', async () => {
  const { user, field } = open();
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('denied', 'NotAllowedError'));
  await user.click(screen.getByRole('button', { name: 'Copy link' }));
  expect((await screen.findByText(/The link is selected/)).textContent).toContain('Ctrl+C');
  expect(document.activeElement).toBe(field);
  expect([field.selectionStart, field.selectionEnd]).toEqual([0, url.length]);
});

it.each([
  [null, 0, 'It works until it is revoked, for any number of people.'],
  [Date.parse('2026-11-27T12:00:00Z'), 1, 'It works until Friday 27 November, for one person.'],
  [Date.parse('2026-11-27T12:00:00Z'), 10, 'It works until Friday 27 November, for 10 people.'],
])('says its terms: %s, %d', (expires, maxUses, words) => expect(termsOf({ expires, maxUses }, now)).toBe(words));

it('says when the link leads every computer to itself', () => {
  const { rerender } = render(
    <ShareLink invitation={{ url: 'http://localhost:8080/join/x', expires: null, maxUses: 0 }} />,
  );
  expect(screen.getByText(/on this computer alone/u)).toBeTruthy();
  rerender(<ShareLink invitation={{ url, expires: null, maxUses: 0 }} />);
  expect(screen.queryByText(/on this computer alone/u)).toBeNull();
});

it.each([
  ['http://localhost/join/x', true],
  ['http://127.0.0.1:8080/join/x', true],
  ['http://[::1]:8080/join/x', true],
  ['http://parley.localhost/join/x', true],
  ['http://192.168.1.7:8080/join/x', false],
  ['https://127.example.org/join/x', false],
  ['https://localhost.example.org/join/x', false],
])('%s is on this machine: %s', (link, here) => {
  expect(onThisMachine(link)).toBe(here);
});
