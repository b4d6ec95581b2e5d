import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { NewRoomDialog } from './NewRoomDialog';
import { draw, fakeClient, state } from './testing';

describe('the dialog for a new room', () => {
  it('begins in the name, not on the button that closes it', async () => {
    draw(fakeClient(state()), <NewRoomDialog open onClose={() => {}} />);
    const name = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Name' });
    await waitFor(() => expect(document.activeElement).toBe(name));
    fireEvent.change(name, { target: { value: 'Field Notes!' } });
    expect(name.value).toBe('field-notes');
  });
});
