import { describe, expect, it } from 'vitest';
import { isAtEnd } from './useScroll';

const at = (scrollTop: number, scrollHeight = 2000) => ({ scrollTop, scrollHeight, clientHeight: 500 });

describe('being at the end', () => {
  it('is being within a line of it', () => {
    expect(isAtEnd(at(1500), false, 0)).toBe(true);
    expect(isAtEnd(at(1470), false, 0)).toBe(true);
    expect(isAtEnd(at(1400), false, 0)).toBe(false);
  });

  it('is not lost when a tall message pushes the end away', () => {
    expect(isAtEnd(at(1500, 2800), true, 1500)).toBe(true);
    expect(isAtEnd(at(1540, 2800), true, 1500), 'while it is being followed').toBe(true);
  });

  it('is left by moving up, and not regained by what comes in', () => {
    expect(isAtEnd(at(1400), true, 1500)).toBe(false);
    expect(isAtEnd(at(1400, 2800), false, 1400)).toBe(false);
    expect(isAtEnd(at(1450, 2800), false, 1400)).toBe(false);
  });

  it('is found anew when a room is entered', () => {
    expect(isAtEnd(at(700), true, Number.POSITIVE_INFINITY)).toBe(false);
    expect(isAtEnd(at(1500), true, Number.POSITIVE_INFINITY)).toBe(true);
  });
});
