import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';
import { Composer } from './composer/Composer';
import { draw, fakeClient, room } from './testing';
import { useRoomNow, useVisit } from './useRoomNow';

let ask = (_: string) => {};

function Room() {
  const [asked, setAsked] = useState('general');
  ask = setAsked;
  const now = useRoomNow(asked) ?? '';
  return <Composer key={useVisit(now)} room={now} />;
}

it('a room that is renamed while somebody writes in it leaves them writing; another room is another box', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  const client = fakeClient();
  draw(client, <Room />);
  const box = screen.getByRole<HTMLTextAreaElement>('textbox');
  await userEvent.type(box, 'half a ');
  const before = client.getState();
  act(() =>
    client.set({
      ...before,
      rooms: { lobby: room({ name: 'lobby' }), help: room({ name: 'help', id: 'r-help' }) },
      renamed: { general: 'lobby' },
      drafts: { lobby: before.drafts.general ?? '' },
    }),
  );
  expect(document.activeElement).toBe(box);
  await userEvent.keyboard('thought');
  expect(box.value).toBe('half a thought');
  expect(client.getState().drafts.lobby).toBe('half a thought');
  act(() => ask('lobby'));
  expect(screen.getByRole('textbox')).toBe(box);
  act(() => ask('help'));
  expect(screen.getByRole('textbox')).not.toBe(box);
});
