import list from 'virtual:emoji-names';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Emoji, kept, nameFor, readNames, toned } from './emoji';
import { best } from './rank';

const all = readNames(list);
const called = (name: string) => all.find(({ names }) => names.includes(name)) as Emoji;
const offers = (query: string) => best(all, query, 8).map(({ emoji }) => emoji);

beforeEach(() => localStorage.clear());

describe('the list that the build makes', () => {
  it('has the names that people know', () => {
    const known = { robot: '🤖', tada: '🎉', '+1': '👍', joy: '😂', rocket: '🚀', '100': '💯' };
    for (const [name, emoji] of Object.entries(known)) {
      expect(offers(name)[0], name).toBe(emoji);
    }
    expect(called('heart').emoji).toMatch(/^❤/u);
  });

  it('has each emoji once, with a name that can be typed', () => {
    expect(all.length).toBeGreaterThan(1500);
    expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length);
    for (const { emoji, names } of all) {
      expect(names.length, emoji).toBeGreaterThan(0);
      for (const name of names) {
        expect(name, emoji).toMatch(/^[a-z0-9_+-]{1,64}$/);
      }
    }
  });
});

it('an emoji is shown by the name that was looked for', () => {
  expect(nameFor(called('+1'), 'thumbs')).toBe('thumbsup');
  expect(nameFor(called('+1'), '+')).toBe('+1');
});

it('a tone of skin holds for what has one', () => {
  expect(toned(called('wave'), 'none')).toBe('👋');
  expect(toned(called('wave'), 'light')).toBe('👋🏻');
  expect(toned(called('wave'), 'dark')).toBe('👋🏿');
  expect(toned(called('rocket'), 'dark')).toBe('🚀');
});

describe('what is kept', () => {
  it('is the tone, and those used last, the newest first, each once', () => {
    expect(kept.tone()).toBe('none');
    kept.setTone('medium');
    expect(kept.tone()).toBe('medium');
    expect(kept.recent()).toEqual([]);
    for (const emoji of ['👍', '🎉', '👍']) {
      kept.use(emoji);
    }
    expect(kept.recent()).toEqual(['👍', '🎉']);
    for (const { emoji } of all.slice(0, 30)) {
      kept.use(emoji);
    }
    expect(kept.recent()).toHaveLength(16);
  });

  it('is nothing where what lies there is none of ours', () => {
    localStorage.setItem('parley.emoji.tone', '<b>');
    expect(kept.tone()).toBe('none');
  });
});
