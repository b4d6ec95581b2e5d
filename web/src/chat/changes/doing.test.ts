import { expect, test } from 'vitest';
import { message } from '../testing';
import { edit, editing, moveActs, quote, quoting } from './doing';

test('what is being edited and quoted in a room goes along when that gets another name', () => {
  edit('general', message({ id: 'a', content: 'text' }));
  quote('general', 'b');
  quote('help', 'c');
  moveActs('general', 'plaza');
  expect(editing.get()).toEqual({ room: 'plaza', id: 'a', text: 'text' });
  expect(quoting.get()).toEqual({ plaza: 'b', help: 'c' });
  moveActs('random', 'hall');
  expect(editing.get()?.room).toBe('plaza');
});
