import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { draw as drawn, fakeClient, message, state } from '../testing';
import { Body } from './Body';

const draw = (html: string | null, content = 'as it was typed', client = fakeClient(), over = {}) =>
  drawn(client, <Body entry={message({ html, content, ...over })} />).container;

describe('what a message says', () => {
  it('is drawn as the server rendered it', () => {
    const box = draw(
      '<p>a <strong>b</strong><br><a href="https://a.example/" rel="noopener noreferrer">c</a></p><ol start="3"><li>d</li></ol>',
    );
    expect(box.querySelector('p')?.textContent).toBe('a bc');
    expect(box.querySelector('strong')?.textContent).toBe('b');
    expect(box.querySelector('ol')?.start).toBe(3);
    const link = screen.getByRole('link', { name: 'c' });
    expect(link.getAttribute('href')).toBe('https://a.example/');
    expect(link.getAttribute('rel')).toBe('noopener noreferrer');
    expect(link.getAttribute('target')).toBe('_blank');
  });

  it('is the text as it was typed where there is no HTML, or none that the page knows', () => {
    for (const html of [null, '<p>a<img src="x"></p>', '<script>1</script>', '<p>a']) {
      const box = draw(html, 'line 1\nhttps://a.example/ **x**');
      expect(box.textContent).toBe('line 1\nhttps://a.example/ **x**');
      expect(box.querySelectorAll('script, img')).toHaveLength(0);
      expect(box.querySelector('a')?.getAttribute('rel')).toBe('noopener noreferrer');
    }
  });

  it('has code that can be copied, without its colours', async () => {
    const writeText = vi.fn(() => Promise.resolve());
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    draw('<pre><code class="language-go"><span class="k">func</span> f() {\n}</code></pre>');
    expect(screen.getByRole('group', { name: 'Code, go' }).textContent).toBe('func f() {\n}');
    fireEvent.click(screen.getByRole('button', { name: 'Copy code' }));
    expect((await screen.findByText('Copied')).getAttribute('role')).toBe('status');
    expect(writeText).toHaveBeenCalledWith('func f() {\n}');
    vi.unstubAllGlobals();
  });

  it('says how to copy code where the browser does not allow it', async () => {
    vi.stubGlobal('navigator', { ...navigator, clipboard: undefined });
    draw('<pre><code>x</code></pre>');
    fireEvent.click(screen.getByRole('button', { name: 'Copy code' }));
    await screen.findByText(/press Ctrl\+C/);
    expect(getSelection()?.toString()).toBe('x');
    vi.unstubAllGlobals();
  });

  it('has the names that the server has found in it stand out, mine most, and none in code', () => {
    const person = { id: 'u-bob', name: 'bob', display: 'Bob', kind: null, role: null, disabled: false, avatar: null };
    const client = fakeClient(state({ people: { 'u-bob': person } }));
    const named = { mentions: ['u-bob', 'u-ann'], mentionsAll: 'room' };
    for (const html of [null, '<p>@ann, <em>@bob</em>, @room and @zoe <code>@bob</code></p>']) {
      const box = draw(html, '@ann, @bob, @room and @zoe', client, named);
      expect([...box.querySelectorAll('.me')].map((one) => one.textContent)).toEqual(['@ann', '@room']);
      expect([...box.querySelectorAll('.other')].map((one) => one.textContent)).toEqual(['@bob']);
    }
  });
});
