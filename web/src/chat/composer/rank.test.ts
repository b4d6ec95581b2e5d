import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { best, fold, found, matching } from './rank';

const of = (name: string, near = true) => ({ name, near, names: [fold(name)] });
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

describe('a name', () => {
  it('fits as a whole, by its beginning, by a word or by what is inside', () => {
    expect(matching('ann', 'ann')).toBe(0);
    expect(matching('an', 'ann')).toBe(1);
    expect(matching('', 'ann')).toBe(1);
    expect(matching('ja', 'mary jane')).toBe(2);
    expect(matching('pr', 'ivo.pr')).toBe(2);
    expect(matching('ary', 'mary')).toBe(3);
    expect(matching('bob', 'ann')).toBe(null);
  });

  it('is found whatever its case and accents', () => {
    expect(matching(fold('rene'), fold('René'))).toBe(0);
    expect(matching(fold('ZOË'), fold('zoe'))).toBe(0);
  });

  it('fits a query of several words from the beginning of a word alone', () => {
    expect(matching('mary ja', 'mary jane')).toBe(1);
    expect(matching('jane d', 'mary jane doe')).toBe(2);
    expect(matching('ry ja', 'mary jane')).toBe(null);
  });
});

describe('the best', () => {
  it('are those called just so, then the near ones, then those that fit better', () => {
    const list = [of('bobby'), of('jim bob'), of('bob', false), of('bobcat', false), of('ann')];
    expect(names(best(list, 'bob', 8))).toEqual(['bob', 'bobby', 'jim bob', 'bobcat']);
  });

  it('keep the order given where nothing else tells them apart, and are no more than asked for', () => {
    const list = [of('b2'), of('b1'), of('b3')];
    expect(names(best(list, 'b', 2))).toEqual(['b2', 'b1']);
    expect(best(list, '', 8)).toEqual(list);
  });

  it('are some of the candidates, each once, and each fits', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', ' ', '.', 'É'), { minLength: 1, maxLength: 5 })
      .map((l) => l.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(name), name, fc.nat(6), (all, query, most) => {
        const candidates = all.map((n, i) => of(n, i % 2 === 0));
        const list = best(candidates, query, most);
        expect(list.length).toBe(
          Math.min(most, candidates.filter((c) => matching(fold(query), c.names[0] ?? '') !== null).length),
        );
        expect(new Set(list).size).toBe(list.length);
        for (const each of list) {
          expect(candidates).toContain(each);
        }
      }),
    );
  });
});

it('marks where a query was found, at the beginning of a word if it can', () => {
  const marked = (query: string, name: string) => {
    const at = found(query, name);
    return at && name.slice(at.from, at.to);
  };
  expect(found('ja', 'Maja Jane')).toEqual({ from: 5, to: 7 });
  expect(marked('rené', 'Rene')).toBe('Rene');
  expect(marked('ARY', 'Mary')).toBe('ary');
  expect(marked('', 'Mary')).toBe(null);
  expect(marked('x', 'Mary')).toBe(null);
});
