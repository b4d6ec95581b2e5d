import { act, fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { draw, fakeClient, room, state } from '../testing';
import { Composer } from './Composer';

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message general' });

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
});

describe('the composer', () => {
  it('sends on Enter, breaks the line on Shift+Enter, and is empty afterwards', async () => {
    const client = fakeClient();
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'one{Shift>}{Enter}{/Shift}two');
    expect(client.send).not.toHaveBeenCalled();
    await userEvent.type(box(), '{Enter}');
    expect(client.send).toHaveBeenCalledExactlyOnceWith('general', 'one\ntwo', undefined);
    expect(box().value).toBe('');
    expect(document.activeElement).toBe(box());
  });

  it('does not send on the Enter that ends a composition', async () => {
    const client = fakeClient();
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'にほん');
    fireEvent.keyDown(box(), { key: 'Enter', isComposing: true });
    fireEvent.keyDown(box(), { key: 'Enter', keyCode: 229 });
    expect(client.send).not.toHaveBeenCalled();
  });

  it('sends nothing that is blank', async () => {
    const client = fakeClient();
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), '   {Enter}');
    expect(client.send).not.toHaveBeenCalled();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true);
  });

  it('says when a text is too long, in code points, and keeps it', () => {
    const client = fakeClient();
    draw(client, <Composer room="general" />);
    fireEvent.change(box(), { target: { value: '🙂'.repeat(8000) } });
    expect(screen.queryByRole('alert')).toBeNull();
    const long = '🙂'.repeat(8001);
    fireEvent.change(box(), { target: { value: long } });
    expect(screen.getByRole('alert').textContent).toContain('8,001 of 8,000');
    fireEvent.keyDown(box(), { key: 'Enter' });
    expect(client.send).not.toHaveBeenCalled();
    expect(box().value).toBe(long);
  });

  it('keeps a draft per room', async () => {
    const client = fakeClient();
    const drawn = draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'half a thought');
    drawn.unmount();
    const other = draw(client, <Composer room="help" />);
    expect(screen.getByRole<HTMLTextAreaElement>('textbox').value).toBe('');
    other.unmount();
    draw(client, <Composer room="general" />);
    expect(box().value).toBe('half a thought');
  });

  it('sends while disconnected as well: the client keeps it until it can go', async () => {
    const client = fakeClient(state({ status: 'disconnected' }));
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'one{Enter}');
    await userEvent.type(box(), 'two');
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(client.send.mock.calls).toEqual([
      ['general', 'one', undefined],
      ['general', 'two', undefined],
    ]);
    expect(box().value).toBe('');
  });

  it('keeps what is written while the room is not known yet', async () => {
    const client = fakeClient(state({ rooms: {} }));
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'early{Enter}');
    expect(client.send).not.toHaveBeenCalled();
    expect(box().value).toBe('early');
    act(() => client.set({ ...state(), drafts: client.as.getState().drafts }));
    await userEvent.type(box(), '{Enter}');
    expect(client.send).toHaveBeenCalledExactlyOnceWith('general', 'early', undefined);
  });

  it('says how much is left once that is little', () => {
    draw(fakeClient(), <Composer room="general" />);
    fireEvent.change(box(), { target: { value: 'x'.repeat(7500) } });
    expect(screen.queryByText(/left$/)).toBeNull();
    fireEvent.change(box(), { target: { value: 'x'.repeat(7999) } });
    expect(screen.getByText('1 character left').id).toBe(box().getAttribute('aria-describedby'));
  });

  it('takes in no text that would make it stand still, says so, and keeps what there was', async () => {
    draw(fakeClient(), <Composer room="general" />);
    await userEvent.type(box(), 'mine');
    const taken = fireEvent(
      box(),
      new InputEvent('beforeinput', {
        data: 'x'.repeat(1_000_000),
        inputType: 'insertFromPaste',
        cancelable: true,
        bubbles: true,
      }),
    );
    expect(taken).toBe(false);
    expect(screen.getByRole('alert').textContent).toContain('1,000,004 characters, of at most 100,000');
    expect(box().value).toBe('mine');
    await userEvent.type(box(), '!');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('completes a name by the keyboard: the box stays where the focus is, and says what is chosen', async () => {
    const client = fakeClient(state({ rooms: { general: room({ users: ['ann', 'bob', 'bea'] }) } }));
    draw(client, <Composer room="general" />);
    await userEvent.type(screen.getByRole('textbox'), 'hi @b');
    const list = await screen.findByRole('listbox', { name: 'People' }, { timeout: 10_000 });
    const field = screen.getByRole<HTMLTextAreaElement>('combobox', { name: 'Message general' });
    const chosen = () => document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.textContent;
    expect(field.getAttribute('aria-controls')).toBe(list.id);
    expect(chosen()).toContain('bea');
    await userEvent.keyboard('{ArrowDown}');
    expect(chosen()).toContain('bob');
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    expect(field.value).toBe('hi @b');
    await userEvent.keyboard('{Enter}');
    expect(field.value).toBe('hi @bob ');
    expect(client.send).not.toHaveBeenCalled();
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(document.activeElement).toBe(box());

    await userEvent.keyboard('and @b');
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    await userEvent.keyboard('{Enter}');
    expect(client.send).toHaveBeenCalledExactlyOnceWith('general', 'hi @bob and @b', undefined);
  }, 20_000);

  it('tells the others of typing, and of stopping when the text is taken back', async () => {
    const client = fakeClient();
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'a');
    expect(client.typing).toHaveBeenCalledWith('general');
    await userEvent.type(box(), '{Backspace}');
    expect(client.stopTyping).toHaveBeenCalledWith('general');
  });

  it('gives way to a reason in an archived room', () => {
    draw(fakeClient(state({ rooms: { general: room({ archived: true }) } })), <Composer room="general" />);
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByText(/archived/u)).toBeTruthy();
  });
});
