import { fireEvent, render, screen } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { ClientProvider } from '../app/client';
import { fakeClient, room, state } from '../chat/testing';
import { visited } from './recent';
import { Switcher } from './Switcher';

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/');
});

const rooms = {
  general: room(),
  design: room({ id: 'design', name: 'design', unread: 2, topic: 'Icons' }),
  help: room({ id: 'help', name: 'help' }),
  random: room({ id: 'random', name: 'random' }),
};

function open(onClose = vi.fn()) {
  const client = fakeClient(state({ rooms, roomNames: Object.keys(rooms).sort() }));
  render(
    <ClientProvider client={client.as}>
      <Switcher room="general" onClose={onClose} onGone={() => {}} finalFocus={() => null} />
    </ClientProvider>,
  );
  return { client, onClose, field: screen.getByRole('combobox', { name: 'Jump to a room' }) };
}

const options = () => screen.getAllByRole('option').map((option) => option.textContent);
const chosen = () => screen.getByRole('option', { selected: true }).id;

it('lists what is unread, then where one was; the field names the option that is chosen', () => {
  visited('u-ann', 'random');
  const { field } = open();
  expect(options()).toEqual(['design Icons2 unread2', 'random ', 'help ']);
  expect(screen.getAllByRole('group').map((group) => group.getAttribute('aria-labelledby'))).toHaveLength(3);
  expect(field.getAttribute('aria-activedescendant')).toBe(chosen());
  fireEvent.keyDown(field, { key: 'ArrowUp' });
  expect(chosen()).toContain('help');
  fireEvent.keyDown(field, { key: 'ArrowDown' });
  fireEvent.keyDown(field, { key: 'ArrowDown' });
  expect(chosen()).toContain('random');
  expect(field.getAttribute('aria-activedescendant')).toBe(chosen());
});

it('goes where Enter says, and nowhere while an input method is at work or nothing fits', () => {
  const { field, onClose } = open();
  fireEvent.change(field, { target: { value: 'ran' } });
  expect(options()).toEqual(['random ']);
  fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
  expect(onClose).not.toHaveBeenCalled();
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(onClose).toHaveBeenCalledOnce();
  expect(location.pathname).toBe('/rooms/random');
  fireEvent.change(field, { target: { value: 'nothing' } });
  expect(screen.getByText('No room is called “nothing”.')).toBeTruthy();
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(location.pathname).toBe('/rooms/random');
});
