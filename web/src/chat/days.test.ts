import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayLabel, dayOf, nextDay } from './days';

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterAll(() => {
  process.env.TZ = zone;
});

// In Berlin the clocks went forward on 29 March 2026 at 01:00 UTC, and back on 25 October 2026 at 01:00 UTC.
describe('local days', () => {
  it('end at local midnight, not at midnight in Greenwich', () => {
    const late = Date.UTC(2026, 5, 3, 21, 59);
    expect(dayOf(late)).toBe(20260603);
    expect(dayOf(late + 60_000)).toBe(20260604);
  });

  it('are one day before and after the clocks change', () => {
    expect(dayOf(Date.UTC(2026, 2, 28, 23, 0))).toBe(20260329);
    expect(dayOf(Date.UTC(2026, 2, 29, 21, 59))).toBe(20260329);
    expect(dayOf(Date.UTC(2026, 9, 24, 22, 0))).toBe(20261025);
    expect(dayOf(Date.UTC(2026, 9, 25, 22, 59))).toBe(20261025);
  });

  it('are 23 and 25 hours long when the clocks change', () => {
    const hours = (time: number) => (nextDay(nextDay(time)) - nextDay(time)) / 3_600_000;
    expect(hours(Date.UTC(2026, 2, 28, 12))).toBe(23);
    expect(hours(Date.UTC(2026, 9, 24, 12))).toBe(25);
    expect(hours(Date.UTC(2026, 5, 3, 12))).toBe(24);
  });

  it('are called Today and Yesterday by the calendar', () => {
    // 00:30 on the 30th; 23 hours earlier it was 00:30 on the 29th only because the clocks went forward.
    const now = Date.UTC(2026, 2, 29, 22, 30);
    expect(dayLabel(now - 60_000, now)).toBe('Today');
    expect(dayLabel(Date.UTC(2026, 2, 28, 23, 10), now)).toBe('Yesterday');
    expect(dayLabel(Date.UTC(2026, 2, 28, 22, 50), now)).not.toBe('Yesterday');
  });

  it('say the year only if it is another', () => {
    const now = Date.UTC(2026, 5, 3, 12);
    expect(dayLabel(Date.UTC(2025, 5, 3, 12), now)).toContain('2025');
    expect(dayLabel(Date.UTC(2026, 3, 3, 12), now)).not.toContain('2026');
  });
});
