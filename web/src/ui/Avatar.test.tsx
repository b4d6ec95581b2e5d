import type { Person } from '@parley-chat/client';
import { act, fireEvent } from '@testing-library/react';
import { expect, test } from 'vitest';
import { draw, fakeClient, state } from '../chat/testing';
import { Avatar } from './Avatar';

const person = (avatar: string | null): Person => ({
  id: 'b',
  name: 'bob',
  display: 'Bob Moss',
  kind: 'member',
  role: 'member',
  disabled: false,
  avatar,
});

const knowing = (avatar: string | null) => state({ people: { b: person(avatar) } });

function shown(avatar: string | null) {
  const client = fakeClient(knowing(avatar));
  const { container } = draw(client, <Avatar id="b" name="Bob Moss" />);
  return {
    ...client,
    picture: () => container.querySelector('img'),
    face: () => container.querySelector('[data-initials]'),
  };
}

test('shows initials, and over them the picture, of the server or of the site around it', () => {
  expect(shown(null).picture()).toBeNull();
  for (const path of ['api/avatars/1', '/people/7.png']) {
    const { picture, face } = shown(path);
    expect(picture()?.getAttribute('src')).toBe(path);
    expect(face()?.getAttribute('data-initials')).toBe('BM');
  }
});

test('keeps to initials when the picture cannot be had, until there is another', () => {
  const { set, picture } = shown('api/avatars/1');
  fireEvent.error(picture() as HTMLImageElement);
  expect(picture()).toBeNull();
  act(() => set(knowing('api/avatars/2')));
  expect(picture()?.getAttribute('src')).toBe('api/avatars/2');
});
