import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completion, type Token, tokenBefore } from './token';

/** The token at the | in a text. */
const at = (marked: string) => {
  const caret = marked.indexOf('|');
  return tokenBefore(marked.replace('|', ''), caret);
};
const found = (marked: string) => {
  const token = at(marked);
  return token && token.sign + token.query;
};

describe('the token before the caret', () => {
  it('begins with a sign at the beginning of a word', () => {
    expect(at('@an|')).toEqual({ sign: '@', start: 0, query: 'an' });
    expect(at('hello @an|')).toEqual({ sign: '@', start: 6, query: 'an' });
    expect(found('line\n#gen|eral')).toBe('#gen');
    expect(found('(@ann|)')).toBe('@ann');
    expect(found('**@ann|')).toBe('@ann');
    expect(found('🎉:ta|')).toBe(':ta');
    expect(found('@|')).toBe('@');
    expect(found('#|')).toBe('#');
  });

  it('is none within an address, a time or a word', () => {
    for (const text of [
      'me@example|',
      'https://x.org/#part|',
      '12:30|',
      'a:b|',
      'std::vec|',
      '@@ann|',
      '&#123|',
      'a.@b|',
    ]) {
      expect(found(text), text).toBe(null);
    }
  });

  it('takes names with spaces, dots and hyphens, and what other scripts write', () => {
    expect(found('ask @mary jane.o-neil|')).toBe('@mary jane.o-neil');
    expect(found('@René|')).toBe('@René');
    expect(found('@Zoe\u0308|')).toBe('@Zoe\u0308');
    expect(found('@田中|')).toBe('@田中');
  });

  it('ends with a space, a line or what no name has', () => {
    for (const text of [
      '@ann |',
      '@ |',
      '@ann  b|',
      '@ann\nb|',
      '@ann, b|',
      '# heading|',
      '#a b|',
      'no sign|',
      '|@ann',
    ]) {
      expect(found(text), text).toBe(null);
    }
  });

  it('is the nearest of several', () => {
    expect(found('@ann and #gen|')).toBe('#gen');
    expect(found('@ann :smi|')).toBe(':smi');
  });

  it('of an emoji has two letters at least', () => {
    expect(found(':s|')).toBe(null);
    expect(found(':sm|')).toBe(':sm');
    expect(found(':+1|')).toBe(':+1');
    expect(found(':)|')).toBe(null);
    expect(found(': smile|')).toBe(null);
  });

  const pieces = fc.constantFrom('@', '#', ':', ' ', '\n', 'a', 'Bo', '.', '-', 'é', '🙂', '\ud83d', '(', '1');
  const texts = fc.array(pieces, { maxLength: 40 }).map((list) => list.join(''));

  it('is part of any text, up to the caret, whatever comes behind', () => {
    fc.assert(
      fc.property(texts, texts, (before, behind) => {
        const token = tokenBefore(before + behind, before.length);
        expect(token).toEqual(tokenBefore(before, before.length));
        if (token) {
          expect(before.slice(token.start)).toBe(token.sign + token.query);
          expect(token.query).not.toMatch(/\n|^ | $/);
        }
      }),
    );
  });

  it('is completed without a loss of what stands around it', () => {
    fc.assert(
      fc.property(texts, texts, fc.constantFrom('@bo', '#gen-1', '🙂', '@Mary Jane'), (before, behind, value) => {
        const token = tokenBefore(before, before.length);
        fc.pre(token !== null);
        const { start, end, insert } = completion(before + behind, token as Token, value);
        const text = before + behind;
        const after = text.slice(0, start) + insert + text.slice(end);
        expect(after.startsWith(before.slice(0, (token as Token).start) + value)).toBe(true);
        // What is taken from behind the caret is the end of the value, the colon that ends an emoji's name, and a space.
        const taken = text.slice(before.length, end).toLowerCase();
        expect(value.toLowerCase().endsWith(taken.replace(/:? ?$/, ''))).toBe(true);
        expect(behind.endsWith(text.slice(end))).toBe(true);
        expect(insert).toBe(`${value} `);
      }),
      { examples: [['@', 'Bo ', '@bo']] },
    );
  });
});

describe('a completion', () => {
  const complete = (marked: string, value: string) => {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const { start, end, insert } = completion(text, tokenBefore(text, caret) as Token, value);
    return `${text.slice(0, start)}${insert}|${text.slice(end)}`;
  };

  it('writes the whole name and a space', () => {
    expect(complete('hi @mar|', '@Mary Jane')).toBe('hi @Mary Jane |');
    expect(complete('#g|, please', '#general')).toBe('#general |, please');
    expect(complete(':smi|', '🙂')).toBe('🙂 |');
  });

  it('does not double a space or the rest of the word', () => {
    expect(complete('@an| said', '@ann')).toBe('@ann |said');
    expect(complete('@a|nn said', '@ann')).toBe('@ann |said');
    expect(complete('@a|ndy', '@ann')).toBe('@ann |ndy');
    expect(complete(':smile|: yes', '🙂')).toBe('🙂 |yes');
  });
});
