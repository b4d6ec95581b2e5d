import { describe, expect, it } from 'vitest';
import { linkify } from './linkify';

const links = (text: string) => linkify(text).flatMap((part) => (part.kind === 'link' ? [part.href] : []));
const whole = (text: string) =>
  linkify(text)
    .map((part) => part.text)
    .join('');

describe('links in text', () => {
  it.each([
    ['see https://parley.example/notes.', 'https://parley.example/notes'],
    ['(https://en.example/wiki/Tide_(sea))', 'https://en.example/wiki/Tide_(sea)'],
    ['(see https://a.example/x)', 'https://a.example/x'],
    ['https://a.example/?q=1&r=2#top!', 'https://a.example/?q=1&r=2#top'],
    ['HTTP://A.example', 'http://a.example/'],
    ['“https://a.example/b”', 'https://a.example/b'],
    ['https://a.example/<b>', 'https://a.example/'],
    ['https://münchen.example/ä', 'https://xn--mnchen-3ya.example/%C3%A4'],
    ['http://127.0.0.1:8080/x, and more', 'http://127.0.0.1:8080/x'],
  ])('%s', (text, href) => {
    expect(links(text)).toEqual([href]);
    expect(whole(text)).toBe(text);
  });

  it('are made of http and https alone', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://a.example',
      'xhttps://a.example',
      'javascripthttp://a.example',
      'https://',
      'http:// a',
      '//a.example',
      'mailto:ann@a.example',
    ]) {
      expect(links(text), text).toEqual([]);
      expect(whole(text)).toBe(text);
    }
  });

  it('end before signs that turn the direction of writing', () => {
    expect(links('https://a.example/\u202egnp.exe')).toEqual(['https://a.example/']);
  });

  it('stand side by side', () => {
    expect(links('https://a.example\nhttps://b.example https://c.example')).toHaveLength(3);
  });

  it('are found in a time that grows with the text alone', { timeout: 2000 }, () => {
    for (const sign of [')', '.', '(', 'https://', ')(']) {
      const text = `https://a.example/${sign.repeat(8000)}`;
      expect(whole(text)).toBe(text);
    }
  });
});
