import { beforeEach, expect, it } from 'vitest';
import { device } from '../app/storage';
import { forgetRecent, recentRooms, visited } from './recent';

beforeEach(() => localStorage.clear());

it('keeps the rooms where each person was, latest first, each once and not without end', () => {
  for (const name of ['a', 'b', 'a', 'c']) visited('ann', name);
  expect(recentRooms('ann')).toEqual(['c', 'a', 'b']);
  expect(recentRooms('bob')).toEqual([]);
  for (let n = 0; n < 50; n++) visited('bob', `room-${n}`);
  expect(recentRooms('bob')).toHaveLength(20);
  expect(recentRooms('bob')[0]).toBe('room-49');
  forgetRecent('ann');
  expect(recentRooms('ann')).toEqual([]);
  expect(recentRooms('bob')).toHaveLength(20);
});

it('takes what somebody else wrote there for nothing', () => {
  for (const wrong of ['', '{', '{"a":1}', 'null']) {
    device.set('recent.ann', wrong);
    expect(recentRooms('ann')).toEqual([]);
  }
  device.set('recent.ann', '[1,"a",null]');
  expect(recentRooms('ann')).toEqual(['a']);
});
