import { describe, expect, it } from 'vitest';
import { room, state } from './testing';
import { pageTitle, totalUnread } from './title';

describe('the title', () => {
  it('says the room, and how much is unread', () => {
    expect(pageTitle('#general', 0, 'Tidewater')).toBe('#general');
    expect(pageTitle('#general', 3, 'Tidewater')).toBe('(3) #general');
    expect(pageTitle('#general', 1200, 'Tidewater')).toBe('(999+) #general');
    expect(pageTitle(null, 2, 'Tidewater')).toBe('(2) Tidewater');
  });

  it('counts all rooms but archived ones', () => {
    const rooms = { a: room({ unread: 2 }), b: room({ unread: 1 }), old: room({ unread: 9, archived: true }) };
    expect(totalUnread(state({ rooms, roomNames: ['a', 'b'] }))).toBe(3);
  });
});
