package markdown

import (
	"strings"
	"testing"
	"time"
)

func TestRender(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a **b** c", "<p>a <strong>b</strong> c</p>"},
		{"a *b* _c_ ***d***", "<p>a <em>b</em> <em>c</em> <em><strong>d</strong></em></p>"},
		{"~~gone~~", "<p><del>gone</del></p>"},
		{"run `go <test> && ls`", "<p>run <code>go &lt;test&gt; &amp;&amp; ls</code></p>"},
		{"one\ntwo **three**\n\nfour", "<p>one<br>two <strong>three</strong></p><p>four</p>"},
		{"- one\n- two\n  - three", "<ul><li>one</li><li>two<ul><li>three</li></ul></li></ul>"},
		{"3. three\n4. four", `<ol start="3"><li>three</li><li>four</li></ol>`},
		{"1) one", "<ol><li>one</li></ol>"},
		{"> so\n> it goes\n\nno", "<blockquote><p>so<br>it goes</p></blockquote><p>no</p>"},
		{"# Title #", "<p><strong>Title</strong></p>"},
		{"[site](https://a.example/x?a=1&b=2 \"t\")", `<p><a href="https://a.example/x?a=1&amp;b=2" rel="noopener noreferrer">site</a></p>`},
		{"![cat](https://a.example/cat.png)", `<p><a href="https://a.example/cat.png" rel="noopener noreferrer">cat</a></p>`},
		{"![](https://a.example/cat.png)", `<p><a href="https://a.example/cat.png" rel="noopener noreferrer">https://a.example/cat.png</a></p>`},
		{"see https://a.example/x_y_z.", `<p>see <a href="https://a.example/x_y_z" rel="noopener noreferrer">https://a.example/x_y_z</a>.</p>`},
		{"(http://127.0.0.1:8080/x)", `<p>(<a href="http://127.0.0.1:8080/x" rel="noopener noreferrer">http://127.0.0.1:8080/x</a>)</p>`},
		{"write bob@b.example!", `<p>write <a href="mailto:bob@b.example" rel="noopener noreferrer">bob@b.example</a>!</p>`},
		{"<https://a.example>", `<p><a href="https://a.example" rel="noopener noreferrer">https://a.example</a></p>`},
		{"**https://a.example**", `<p><strong><a href="https://a.example" rel="noopener noreferrer">https://a.example</a></strong></p>`},
		{`\*not\*`, "<p>*not*</p>"},
		{"**&amp; &lt;b&gt;**", "<p><strong>&amp;amp; &amp;lt;b&amp;gt;</strong></p>"},
		{"**x** <b>y</b>", "<p><strong>x</strong> &lt;b&gt;y&lt;/b&gt;</p>"},
		{"```\na <b>\n\tc\n```", "<pre><code>a &lt;b&gt;\n\tc</code></pre>"},
		{"```go\nfunc f() {} // x\n```", "<pre><code class=\"language-go\"><span class=\"k\">func</span> <span class=\"f\">f</span>() {} <span class=\"c\">// x</span></code></pre>"},
		{"```diff\n+a\n-b\n c\n```", "<pre><code class=\"language-diff\"><span class=\"i\">+a\n</span><span class=\"d\">-b\n</span> c</code></pre>"},
		{"```js\nlet a = 'x';\n```", "<pre><code class=\"language-javascript\"><span class=\"k\">let</span> a = <span class=\"s\">&#39;x&#39;</span>;</code></pre>"},
		{"```what is this\nx\n```", "<pre><code>what is this\nx</code></pre>"},
		{"```\nopen to the end **x**", "<pre><code>open to the end **x**</code></pre>"},
		{"[1]: https://a.example", `<p>[1]: <a href="https://a.example" rel="noopener noreferrer">https://a.example</a></p>`},
	} {
		if got := Render(c.text); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestPlainStaysPlain(t *testing.T) {
	for _, text := range []string{
		"", "Hello, Bob!", "one\ntwo\n\n  three", "snake_case_name and 2 * 3 * 4", "a_b_c", "5 * 3", "it's ~5 or ~6", ">:( and >.<", "-", "- ", "1.", "#",
		"#general is a room", "-5 degrees", "+1", "1.5 and 2.", "12:30", "C:\\Users\\ann", "a @ b", "@ann", "@ann, hello", "[x]", "[x] (y)", "\\o/", "¯\\(ツ)/¯ no",
		"a\n---\nb", "===", "```", "``", "**", "****", "* *", "> ", "<b>bold</b>", "<script>hit()</script>", "&amp;", "    four spaces", "[a](b)",
		"[a](javascript:alert(1))", "<javascript:alert(1)>", "javascript:alert(1)", "ftp://a.example", "http://", "xhttps://a.example",
		"![x](data:image/png;base64,AAAA)", "https://a.example" + strings.Repeat("x", 40000),
		"bad \x00 **x**", "bad \xff **x**",
	} {
		if got := Render(text); got != "" {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// The time of one message is bounded whatever it is. The bound is far above what is measured (30 ms); the best of several
// tries counts, as the machine may be doing something else.
func TestHostileInputIsBounded(t *testing.T) {
	const bound = 500 * time.Millisecond
	for _, s := range hostile() {
		best, html := time.Hour, ""
		for try := 0; try < 10 && best > bound; try++ {
			begun := time.Now()
			html = Render(s)
			best = min(best, time.Since(begun))
		}
		if best > bound {
			t.Errorf("%.20q took %v", s, best)
		}
		inert(t, s, html)
	}
}

// hostile returns texts of 8,000 characters that make parsers step back, nest or grow.
func hostile() []string {
	const n = 8000
	var all []string
	for _, unit := range []string{
		">", "> ", "- ", "1. ", "> - ", "[", "](", "[a](", "[a](b", "[a](<b", "![", "![a](", "*", "**", "_", "*a", "*a ", "a*", "a_ ", "a** ", "*a_b", "*a _b ", "**a _b ", "~", "~~a", "~~", "a~~b ",
		"`", "`a", "``a`", "<", "<a", "<a:", "<a@", "@", "a@", "a@b.c ", "a@b.", "https://", "https://a ", "https://a(", "http://a)", "_a", "_https://a", "\\", "\\*", "\n", "\n>", "\n- ", "\n- a\n\n", "\n 1. ",
		"a\n", "# ", "\n# a", "```\n", "```a\n", "\n```\n", "&", "\"", "'", "'**", "\t", "\n\t- ", "😀", "😀*", "[]()", "[](a)", "[[a](b)](c)", "![[a](b)](c)", "()", "(", "h", " h", "é", "*é*", "[a][", "[a]: ", "\n[a]: b", "]", "*[", "[*", "[`", "x* y",
		"*x**y", "***x", "_x__y*", "*a**b***c", "**a*b", "*a~~b", "~~a*b_c",
	} {
		all = append(all, strings.Repeat(unit, n/len([]rune(unit))+1))
		all = append(all, strings.Repeat(unit, n/2/len([]rune(unit))+1)+strings.Repeat("a"+reverse(unit), n/2/(len([]rune(unit))+1)))
	}
	var ramp, spaces, nest strings.Builder
	for i := 1; ramp.Len() < n; i++ {
		ramp.WriteString(strings.Repeat("`", i) + "a")
		if spaces.Len() < n {
			spaces.WriteString(strings.Repeat(" ", i) + "- a\n")
			nest.WriteString(strings.Repeat(">", i) + " a\n")
		}
	}
	return append(all, ramp.String(), spaces.String(), nest.String())
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
