import { describe, expect, it } from 'vitest';
import { room, state } from '../chat/testing';
import { sections } from './finding';
import { neighbour } from './neighbour';

const of = (unread: Record<string, number>, topics: Record<string, string> = {}) =>
  state({
    rooms: Object.fromEntries(
      Object.entries(unread).map(([name, n]) => [name, room({ name, unread: n, topic: topics[name] ?? '' })]),
    ),
    roomNames: Object.keys(unread),
  });

const shown = (...args: Parameters<typeof sections>) =>
  sections(...args).map(({ heading, rooms }) => `${heading}: ${rooms.map((r) => r.name).join(' ')}`);

describe('the switcher', () => {
  const some = of({ design: 2, general: 1, help: 0, hiring: 0, random: 3, release: 0 });

  it('lists what is unread, then where one was, latest first, then the rest, without the room on screen', () => {
    expect(shown(some, '', ['general', 'release', 'gone', 'random', 'help'], 'general')).toEqual([
      'unread: design random',
      'recent: release help',
      'others: hiring',
    ]);
    expect(shown(some, '  ', [], null)[0]).toBe('unread: design general random');
  });

  it('finds by name and topic, best first', () => {
    const many = of(
      { 'all-design': 0, design: 0, 'design-review': 0, redesign: 0, logo: 0, help: 0 },
      { logo: 'Design of the logo' },
    );
    expect(shown(many, 'design', [], 'design')).toEqual(['found: design design-review all-design redesign logo']);
    expect(shown(many, '#Design re', [], null)).toEqual(['found: design-review']);
    expect(shown(many, 'nothing like it', [], null)).toEqual([]);
  });

  it('finds people, and a conversation by who is in it: each of them once', () => {
    const person = { kind: 'member', role: 'member', disabled: false, avatar: null } as const;
    const people = {
      b: { ...person, id: 'b', name: 'bob', display: 'Robert' },
      c: { ...person, id: 'c', name: 'robin', display: '' },
      d: { ...person, id: 'd', name: 'robot', display: '', disabled: true },
      g: { ...person, id: 'g', name: 'roby', display: '', kind: 'guest' as const },
    };
    const dm = room({ name: 'dm-x', kind: 'direct', people: [{ id: 'b', name: 'bob' }] });
    const talking = state({ people, rooms: { 'dm-x': dm }, roomNames: ['dm-x'] });
    expect(shown(talking, 'rob', [], null)).toEqual(['found: Robert', 'people: robin']);
    expect(shown(talking, '@robin', [], null)).toEqual(['people: robin']);
  });
});

describe('the room beside', () => {
  const some = of({ a: 0, b: 1, c: 0, d: 2 });
  it('follows the order of the sidebar, round the end', () => {
    expect(neighbour(some, 'a', 1, false)).toBe('b');
    expect(neighbour(some, 'd', 1, false)).toBe('a');
    expect(neighbour(some, 'a', -1, false)).toBe('d');
    expect(neighbour(some, null, 1, false)).toBe('a');
    expect(neighbour(some, null, -1, false)).toBe('d');
    expect(neighbour(of({ a: 0 }), 'a', 1, false)).toBeNull();
    expect(neighbour(of({}), null, 1, false)).toBeNull();
  });
  it('with something to read, leaves out the others', () => {
    expect(neighbour(some, 'b', 1, true)).toBe('d');
    expect(neighbour(some, 'd', 1, true)).toBe('b');
    expect(neighbour(some, 'a', -1, true)).toBe('d');
    expect(neighbour(of({ a: 1, b: 0 }), 'a', 1, true)).toBeNull();
  });
});
