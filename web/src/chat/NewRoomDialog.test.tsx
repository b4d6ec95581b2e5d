import type { Rest } from '@parley-chat/client/rest';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Routes } from '../app/api';
import { NewRoomDialog } from './NewRoomDialog';
import { draw, fakeClient, state } from './testing';

const people = {
  b: { id: 'b', name: 'bob', display: 'Bob', kind: 'member', role: 'member', disabled: false, avatar: null },
  g: { id: 'g', name: 'guest', display: '', kind: 'guest', role: 'guest', disabled: false, avatar: null },
} as const;

describe('the dialog for a new room', () => {
  it('begins in the name, and makes a room of the kind and with the people that were chosen', async () => {
    const createRoom = vi.fn(async () => ({ name: 'field-notes' }));
    const onClose = vi.fn();
    draw(
      fakeClient(state({ people })),
      <Routes value={{ createRoom } as unknown as Rest}>
        <NewRoomDialog onClose={onClose} />
      </Routes>,
    );
    const name = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Name' });
    await waitFor(() => expect(document.activeElement).toBe(name));
    fireEvent.change(name, { target: { value: 'Field Notes!' } });
    expect(name.value).toBe('field-notes');
    expect(screen.queryByRole('radio', { name: 'Only what is said from their joining on' })).toBeNull();
    fireEvent.click(screen.getByRole('radio', { name: 'Only its members' }));
    fireEvent.click(screen.getByRole('radio', { name: 'Only what is said from their joining on' }));
    expect(screen.getAllByRole('checkbox'), 'no guest can be in a private room').toHaveLength(1);
    fireEvent.change(screen.getByRole('searchbox', { name: 'Find somebody' }), { target: { value: 'bo' } });
    fireEvent.keyDown(screen.getByRole('searchbox'), { key: 'Enter' });
    expect(screen.getByRole<HTMLInputElement>('checkbox', { name: /Bob/ }).checked).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Make the room' }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    const wanted = { name: 'field-notes', topic: '', kind: 'private', history: 'joined', members: ['b'] };
    expect(createRoom).toHaveBeenCalledWith(wanted);
  });
});
