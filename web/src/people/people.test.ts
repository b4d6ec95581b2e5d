import type { Preferences } from '@parley-chat/client/people';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hasWord, piecesOf } from './highlight';
import { idleAfter, watchIdle } from './idle';
import { changesAt, isQuiet } from './quiet';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 31, 12, 0) });
  localStorage.clear();
});
afterEach(() => vi.useRealTimers());

describe('idle', () => {
  const heard: boolean[] = [];
  let stop = () => {};
  beforeEach(() => {
    heard.length = 0;
    stop = watchIdle((idle) => heard.push(idle));
  });
  afterEach(() => stop());

  it('is who has touched nothing for ten minutes, until they do', () => {
    vi.advanceTimersByTime(idleAfter - 1);
    window.dispatchEvent(new Event('keydown'));
    vi.advanceTimersByTime(idleAfter - 1);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual([true]);
    window.dispatchEvent(new Event('pointermove'));
    expect(heard).toEqual([true, false]);
  });

  it('is nobody who is busy in another tab', () => {
    for (let minute = 0; minute < 30; minute += 5) {
      vi.advanceTimersByTime(5 * 60_000);
      localStorage.setItem('parley.touched', String(Date.now())); // the other tab
    }
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(idleAfter);
    expect(heard).toEqual([true]);
    localStorage.setItem('parley.touched', String(Date.now()));
    window.dispatchEvent(new StorageEvent('storage', { key: 'parley.touched' }));
    expect(heard).toEqual([true, false]);
  });

  it('tells other tabs of touches, but not of each', () => {
    const set = vi.spyOn(Storage.prototype, 'setItem');
    for (let i = 0; i < 1000; i++) {
      vi.advanceTimersByTime(60);
      window.dispatchEvent(new Event('pointermove'));
    }
    expect(set.mock.calls.length).toBeLessThanOrEqual(4);
  });
});

describe('do not disturb', () => {
  const at = (time: string) => Date.parse(`2026-01-31T${time}:00Z`);
  const from = (dnd: Preferences['dnd']): Preferences => ({ highlights: [], dnd, share_last_seen: false });

  it('lasts until a time', () => {
    const p = from({ until: '2026-01-31T13:00:00Z' });
    expect([isQuiet(p, at('12:59')), isQuiet(p, at('13:00')), isQuiet(null, at('12:00'))]).toEqual([
      true,
      false,
      false,
    ]);
    expect([changesAt(p, at('12:00')), changesAt(p, at('13:00'))]).toEqual([at('13:00'), null]);
  });

  it('is in hours of each day, also over midnight, by the clock of their zone', () => {
    const day = from({ schedule: { from: '09:00', to: '17:30', zone: 'UTC' } });
    expect(['08:59', '09:00', '17:29', '17:30'].map((t) => isQuiet(day, at(t)))).toEqual([false, true, true, false]);
    expect(changesAt(day, at('09:00'))).toBe(at('17:30'));
    const night = from({ schedule: { from: '22:00', to: '07:00', zone: 'Asia/Tokyo' } }); // 13:00 to 22:00 UTC
    expect(['12:59', '13:00', '21:59', '22:00'].map((t) => isQuiet(night, at(t)))).toEqual([false, true, true, false]);
    expect(changesAt(night, at('22:00'))).toBe(at('13:00') + 24 * 60 * 60_000);
    expect(isQuiet(from({ schedule: { from: '00:00', to: '23:59', zone: 'No/Where' } }), at('12:00'))).toBe(false);
  });
});

describe('highlighted words', () => {
  it('are found as words of their own, in whatever case, whatever is in them', () => {
    const words = ['deploy', 'C++', 'übung', '.*'];
    expect(['Deploy now', 'C++?', 'die Übung', 'is .* it'].map((t) => hasWord(t, words))).toEqual(Array(4).fill(true));
    expect(['redeploy', 'deployed', 'anything', ''].map((t) => hasWord(t, words))).toEqual(Array(4).fill(false));
    expect(hasWord('anything', [])).toBe(false);
  });

  it('are pieces of the text that they are in', () => {
    expect(piecesOf('we deploy, then DEPLOY', ['deploy'])).toEqual([
      { text: 'we ', mark: false },
      { text: 'deploy', mark: true },
      { text: ', then ', mark: false },
      { text: 'DEPLOY', mark: true },
    ]);
    expect(piecesOf('nothing', ['deploy'])).toBeNull();
  });
});
