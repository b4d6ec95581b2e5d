import { describe, expect, it } from 'vitest';
import { read, textOf } from './tree';

describe('the reader of what the server rendered', () => {
  it('reads what the protocol lists', () => {
    expect(read('<p>a <strong>b &amp; &lt;c&gt; &#34;d&#34; &#39;e&#39;</strong><br>f</p>')).toEqual([
      {
        name: 'p',
        value: null,
        inside: [
          'a ',
          { name: 'strong', value: null, inside: [`b & <c> "d" 'e'`] },
          { name: 'br', value: null, inside: [] },
          'f',
        ],
      },
    ]);
    expect(read('<a href="https://a.example/?b=1&amp;c=2" rel="noopener noreferrer">x</a>')).toEqual([
      { name: 'a', value: 'https://a.example/?b=1&c=2', inside: ['x'] },
    ]);
    expect(
      read('<pre><code class="language-go"><span class="k">func</span> x</code></pre><ol start="3"><li>c</li></ol>'),
    ).toEqual([
      {
        name: 'pre',
        value: null,
        inside: [{ name: 'code', value: 'go', inside: [{ name: 'span', value: 'k', inside: ['func'] }, ' x'] }],
      },
      { name: 'ol', value: '3', inside: [{ name: 'li', value: null, inside: ['c'] }] },
    ]);
    expect(read('')).toEqual([]);
  });

  it.each([
    '<script>hit()</script>',
    '<p onclick="hit()">a</p>',
    '<p style="x">a</p>',
    '<p class="k">a</p>',
    '<img src="x">',
    '<p><b>a</b></p>',
    '<svg></svg>',
    '<p>a',
    'a</p>',
    '<p><em>a</p></em>',
    '<p>a < b</p>',
    '<P>a</P>',
    '<p >a</p>',
    '<br/>',
    '<!-- a -->',
    '</br>',
    '<p></p a="b">',
    '<span>a</span>',
    '<span class="z">a</span>',
    '<span class="k x">a</span>',
    '<code class="language-GO">a</code>',
    '<code class="language-go" class="x">a</code>',
    '<ol start="-1"></ol>',
    '<a>a</a>',
    '<a href="https://a.example">a</a>',
    '<a href="javascript:hit()" rel="noopener noreferrer">a</a>',
    '<a href="java&#34;script:hit()" rel="noopener noreferrer">a</a>',
    '<a href="data:text/html,x" rel="noopener noreferrer">a</a>',
    '<a href="/x" rel="noopener noreferrer">a</a>',
    '<a href="//a.example" rel="noopener noreferrer">a</a>',
    '<a href=" javascript:hit()" rel="noopener noreferrer">a</a>',
    '<a href="https://a.example" rel="noopener noreferrer" target="x">a</a>',
    '<a href="https://a.example" rel="noopener noreferrer"><a href="https://b.example" rel="noopener noreferrer">a</a></a>',
    '<constructor>a</constructor>',
    '<toString>a</toString>',
    `${'<em>'.repeat(50)}a${'</em>'.repeat(50)}`,
  ])('makes nothing of %s', (html) => {
    expect(read(html)).toBeNull();
  });

  it('leaves references that the server does not write as they are', () => {
    expect(read('<p>&nbsp;&#x41;&amp;lt;</p>')).toEqual([{ name: 'p', value: null, inside: ['&nbsp;&#x41;&lt;'] }]);
  });

  it('takes a time that grows with the text alone', { timeout: 2000 }, () => {
    for (const sign of ['<', '<a', '<p>', '<a href="', '&', ' a="b"', '<p a="b" ', '</p>']) read(sign.repeat(20_000));
  });

  it('gives the text back, for the clipboard', () => {
    expect(textOf(read('<p>a<br>b <em>c</em></p>') ?? [])).toBe('a\nb c');
  });
});
