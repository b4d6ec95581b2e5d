import { act, fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Composer } from './Composer';
import { draw, fakeClient, room, state } from './testing';

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message general' });

beforeEach(() => {
  sessionStorage.clear();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
});

describe('the composer', () => {
  it('sends on Enter, breaks the line on Shift+Enter, and is empty afterwards', async () => {
    const client = fakeClient();
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'one{Shift>}{Enter}{/Shift}two');
    expect(client.send).not.toHaveBeenCalled();
    await userEvent.type(box(), '{Enter}');
    expect(client.send).toHaveBeenCalledExactlyOnceWith('general', 'one\ntwo');
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

  it('keeps the text and disables Send while disconnected', async () => {
    const client = fakeClient();
    draw(client, <Composer room="general" />);
    await userEvent.type(box(), 'hello');
    const send = screen.getByRole<HTMLButtonElement>('button', { name: 'Send' });
    expect(send.disabled).toBe(false);
    act(() => client.set(state({ status: 'disconnected' })));
    expect(send.disabled).toBe(true);
    expect(box().value).toBe('hello');
    expect(box().disabled).toBe(false);
  });

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
