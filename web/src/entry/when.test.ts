import { expect, it } from 'vitest';
import { ago, dayOf, minuteOf, span } from './when';

const minute = 60_000;
const hour = 60 * minute;

it.each([
  [-5, 'less than a minute'],
  [59_999, 'less than a minute'],
  [minute, '1 minute'],
  [24 * minute + 59_000, '24 minutes'],
  [hour, '1 hour'],
  [47 * hour, '47 hours'],
  [48 * hour, '2 days'],
  [7 * 24 * hour, '7 days'],
])('%d ms are %s', (ms, words) => expect(span(ms)).toBe(words));

it('says how long ago, also for a clock that runs ahead', () => {
  expect(ago(1_000, 31_000)).toBe('just now');
  expect(ago(90_000, 0)).toBe('just now');
  expect(ago(0, 3 * hour)).toBe('3 hours ago');
});

it('names days in the time zone of the reader', () => {
  const time = Date.parse('2026-11-27T23:30:00Z');
  expect(dayOf(time, time, 'UTC')).toBe('Friday 27 November');
  expect(dayOf(time, time, 'Asia/Tokyo')).toBe('Saturday 28 November');
  expect(dayOf(time, Date.parse('2025-11-27T00:00:00Z'), 'UTC')).toContain('2026');
  expect(minuteOf(time, 'UTC')).toBe('27 November 2026 at 23:30');
});
