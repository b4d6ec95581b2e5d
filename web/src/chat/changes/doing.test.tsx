import { act, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Sending } from '../sending';
import { draw, fakeClient, message } from '../testing';
import { type Editing, edit, editing, moveActs, quote, quoting } from './doing';
import { useEdited } from './Extras';

test('what is being edited and quoted in a room goes along when that gets another name', () => {
  edit('general', message({ id: 'a', content: 'text' }));
  quote('general', 'b');
  quote('help', 'c');
  moveActs('general', 'plaza');
  expect(editing.get()).toEqual({ room: 'plaza', id: 'a', text: 'text', apart: false });
  expect(quoting.get()).toEqual({ plaza: 'b', help: 'c' });
  moveActs('random', 'hall');
  expect(editing.get()?.room).toBe('plaza');
});

const one = message({ id: 'root', content: 'text' });
const Place = ({ name }: { name: string }) => <p>{useEdited('general', one) ? `${name} edits` : ''}</p>;

test('a message that stands in two places is edited in the one where that began, and the text goes along to another', () => {
  draw(
    fakeClient(),
    <>
      <Place name="room" />
      <Sending value={{ retry: () => {}, discard: () => {} }}>
        <Place name="thread" />
      </Sending>
    </>,
  );
  const editors = () => screen.queryAllByText(/edits/).map((each) => each.textContent);
  act(() => edit('general', one, true));
  expect(editors()).toEqual(['thread edits']);
  act(() => editing.set({ ...(editing.get() as Editing), text: 'text, better' }));
  act(() => edit('general', one));
  expect(editors()).toEqual(['room edits']);
  expect(editing.get()?.text).toBe('text, better');
  act(() => edit('general', message({ id: 'other', content: 'else' })));
  expect([editors(), editing.get()?.text]).toEqual([[], 'else']);
});
