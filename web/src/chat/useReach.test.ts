import { describe, expect, it } from 'vitest';
import { message, notice, room } from './testing';
import { outOfReach } from './useReach';

const page = (from: number, to: number) => {
  const entries = [];
  for (let n = from; n <= to; n++) {
    entries.push(message({ n, seq: n }));
  }
  return entries;
};

describe('the first unread message', () => {
  it('is waited for while it is older than the first one here', () => {
    expect(outOfReach(room({ entries: page(51, 100), firstUnread: 20, hasOlder: true }))).toBe(true);
    expect(outOfReach(room({ entries: page(1, 100), firstUnread: 20, hasOlder: true }))).toBe(false);
    expect(outOfReach(room({ entries: page(51, 100), firstUnread: 51, hasOlder: true }))).toBe(false);
  });

  it('is not waited for when it is too far, cannot be loaded, or is none', () => {
    expect(outOfReach(room({ entries: page(951, 1000), firstUnread: 20, hasOlder: true }))).toBe(false);
    expect(outOfReach(room({ entries: page(51, 100), firstUnread: 20, hasOlder: true, loadError: 'no' }))).toBe(false);
    expect(outOfReach(room({ entries: page(51, 100), firstUnread: 20, hasOlder: false }))).toBe(false);
    expect(outOfReach(room({ entries: page(51, 100), firstUnread: null, hasOlder: true }))).toBe(false);
    expect(outOfReach(room({ entries: [notice()], firstUnread: 1, hasOlder: true }))).toBe(false);
  });
});
