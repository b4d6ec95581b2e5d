import { describe, expect, it, vi } from 'vitest';
import { keeping } from './keeping';

const host = () => {
  const states = ['before', 'after'];
  let at = 0;
  return {
    base: '',
    clock: {} as never,
    getState: () => states[at] as never,
    apply: vi.fn(),
    pump: vi.fn(),
    signedOut: vi.fn(),
    goOn: () => at++,
  };
};

describe('a keeper whose code comes later', () => {
  it('holds back what is said until then, and is told all that has happened', async () => {
    const seen: unknown[] = [];
    const real = {
      identify: vi.fn(),
      changed: vi.fn(),
      online: vi.fn(),
      sends: () => true,
      saved: () => true,
      wipe: vi.fn(),
    };
    let come = (_: unknown) => {};
    const page = host();
    const keeper = keeping(() => new Promise((resolve) => (come = resolve as typeof come)))(page);
    keeper.identify('ann');
    keeper.online(true);
    page.goOn();
    const wiped = keeper.wipe(true);
    keeper.identify('bob');
    expect([keeper.sends('m'), keeper.saved('m')]).toEqual([false, false]);
    expect(real.wipe).not.toHaveBeenCalled();
    const offline = () => (given: ReturnType<typeof host>) => {
      seen.push(given.getState());
      real.identify.mockImplementation(() => seen.push(given.getState()));
      return real;
    };
    come({ offline });
    await wiped;
    expect(seen, 'it begins where the page began').toEqual(['before', 'after']);
    expect(real.identify).toHaveBeenCalledExactlyOnceWith('bob');
    expect(real.online).toHaveBeenCalledExactlyOnceWith(true);
    expect(real.wipe).toHaveBeenCalledExactlyOnceWith(true);
    expect([keeper.sends('m'), keeper.saved('m')]).toEqual([true, true]);
  });

  it('is done without when it does not come', async () => {
    const page = host();
    const keeper = keeping(() => Promise.reject(new Error('no network')))(page);
    await vi.waitFor(() => expect(page.pump).toHaveBeenCalled());
    expect([keeper.sends('m'), keeper.saved('m')]).toEqual([true, false]);
    await keeper.wipe(false);
  });
});
