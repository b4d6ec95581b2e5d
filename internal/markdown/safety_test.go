package markdown

import (
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Attacks 46 to 48 of those that other chats have met. want is what the HTML must be; "" is plain.
var attacks = []struct{ text, want string }{
	// Schemes, by hook or by crook.
	{"[a](javascript:hit())", ""},
	{"[a](JaVaScRiPt:hit())", ""},
	{"[a](javascript&#58;hit())", ""},
	{"[a](javascript&colon;hit())", ""},
	{"[a](&#x6A;avascript:hit())", ""},
	{"[a](java\tscript:hit())", ""},
	{"[a](<java\nscript:hit()>)", ""},
	{`[a](javascript\:hit())`, ""},
	{"[a](\u0001javascript:hit())", ""},
	{"[a]( javascript:hit())", ""},
	{"[a](data:text/html;base64,PHNjcmlwdD4=)", ""},
	{"[a](vbscript:hit)", ""},
	{"[a](file:///etc/passwd)", ""},
	{"[a](//evil.example)", ""},
	{"[a](/api/auth/logout)", ""},
	{"[a](https:evil)", ""},
	{"[a](https:///)", ""},
	{"<javascript:hit()>", ""},
	{"![a](javascript:hit())", ""},
	{"**x** [a](javascript:hit())", "<p><strong>x</strong> [a](javascript:hit())</p>"},
	{"**x** ![a](data:image/svg+xml,<svg> \"t\")", "<p><strong>x</strong> ![a](data:image/svg+xml,&lt;svg&gt; &#34;t&#34;)</p>"},
	// Out of an attribute.
	{`[a](https://a.example/"onmouseover="hit())`, `<p><a href="https://a.example/%22onmouseover=%22hit%28%29" rel="noopener noreferrer">a</a></p>`},
	{`[a](https://a.example/'onmouseover='hit())`, `<p><a href="https://a.example/&#39;onmouseover=&#39;hit()" rel="noopener noreferrer">a</a></p>`},
	{`https://a.example/"onmouseover="hit()`, `<p><a href="https://a.example/" rel="noopener noreferrer">https://a.example/</a>&#34;onmouseover=&#34;hit()</p>`},
	{`<https://a.example/"onmouseover=hit()>`, `<p><a href="https://a.example/%22onmouseover=hit%28%29" rel="noopener noreferrer">https://a.example/&#34;onmouseover=hit()</a></p>`},
	{"```\"><script>hit()</script>\nx\n```", "<pre><code>&#34;&gt;&lt;script&gt;hit()&lt;/script&gt;\nx</code></pre>"},
	{"```go\" onload=\"hit()\nx\n```", "<pre><code>go&#34; onload=&#34;hit()\nx</code></pre>"},
	// Elements that close early, and what parsers mend differently.
	{"**<img src=x onerror=hit()>**", "<p><strong>&lt;img src=x onerror=hit()&gt;</strong></p>"},
	{"**</p><svg><style><img src=x onerror=hit()>**", "<p><strong>&lt;/p&gt;&lt;svg&gt;&lt;style&gt;&lt;img src=x onerror=hit()&gt;</strong></p>"},
	{"`</code><math><mtext></form><form><mglyph><style></math><img onerror=hit()>`", "<p><code>&lt;/code&gt;&lt;math&gt;&lt;mtext&gt;&lt;/form&gt;&lt;form&gt;&lt;mglyph&gt;&lt;style&gt;&lt;/math&gt;&lt;img onerror=hit()&gt;</code></p>"},
	{"> <noscript><p title=\"</noscript><img src=x onerror=hit()>\">", "<blockquote><p>&lt;noscript&gt;&lt;p title=&#34;&lt;/noscript&gt;&lt;img src=x onerror=hit()&gt;&#34;&gt;</p></blockquote>"},
	{"**a** <!-- --!><img src=x onerror=hit()> -->", "<p><strong>a</strong> &lt;!-- --!&gt;&lt;img src=x onerror=hit()&gt; --&gt;</p>"},
	{"**&lt;script&gt;**", "<p><strong>&amp;lt;script&amp;gt;</strong></p>"},
	// Links in links.
	{"[![a](https://b.example)](https://c.example)", `<p><a href="https://c.example" rel="noopener noreferrer">a</a></p>`},
	{"[https://a.example](https://c.example)", `<p><a href="https://c.example" rel="noopener noreferrer">https://a.example</a></p>`},
	{"[<https://a.example>](https://c.example)", `<p><a href="https://c.example" rel="noopener noreferrer">https://a.example</a></p>`},
	// A link without anything to see, and one that would read backwards.
	{"[\u200b\u2060](https://a.example)", "<p><a href=\"https://a.example\" rel=\"noopener noreferrer\">\u200b\u2060https://a.example</a></p>"},
	{"**x** https://a.example/\u202egnp.exe", "<p><strong>x</strong> <a href=\"https://a.example/\" rel=\"noopener noreferrer\">https://a.example/</a>\u202egnp.exe</p>"},
	{"<https://a.example/\u202egnp.exe>", ""},
	// Control characters never come here from chat.Service; if they did, nothing is rendered.
	{"**a\x00b**", ""},
	{"**a\u0085b**", ""},
	{"**a\rb**", ""},
}

func TestAttacks46To48(t *testing.T) {
	for _, a := range attacks {
		got := Render(a.text)
		if got != a.want {
			t.Errorf("%q:\n got %s\nwant %s", a.text, got, a.want)
		}
		inert(t, a.text, got)
	}
}

func TestDepthIsBounded(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("> ", 4000) + "a", strings.Repeat("- ", 4000) + "a", strings.Repeat("> - ", 2000) + "a",
		strings.Repeat("*", 4000) + "a" + strings.Repeat("*", 4000), strings.Repeat("**a *b ", 500) + strings.Repeat("c* d** ", 500),
	} {
		if depth := inert(t, text, Render(text)); depth > maxElements {
			t.Errorf("%.20q is %d deep", text, depth)
		}
	}
}

// elements is the list as docs/protocol.md has it: what an element may have, with its form.
var elements = map[string]map[string]*regexp.Regexp{
	"p": nil, "br": nil, "strong": nil, "em": nil, "del": nil, "pre": nil, "blockquote": nil, "ul": nil, "li": nil,
	"ol":   {"start": regexp.MustCompile(`^\d{1,9}$`)},
	"code": {"class": regexp.MustCompile(`^language-[a-z]+$`)},
	"span": {"class": regexp.MustCompile(`^[ksncfid]$`)},
	"a":    {"href": regexp.MustCompile(`^(https?://.|mailto:.)`), "rel": regexp.MustCompile(`^noopener noreferrer$`)},
}

// inert checks that what was rendered is within the list and well-formed, and that the policy and a parser of a browser's
// rules leave it as it is. It returns how deep it is.
func inert(t *testing.T, source, rendered string) (depth int) {
	t.Helper()
	if rendered == "" {
		return 0
	}
	if again := policy.Sanitize(rendered); again != rendered {
		t.Errorf("%q: the policy changes\n%s\nto\n%s", source, rendered, again)
	}
	if jsonLen(source)+jsonLen(rendered) > MaxBytes {
		t.Errorf("%.40q: too long for a frame", source)
	}
	if !utf8.ValidString(rendered) {
		t.Errorf("%q: not UTF-8", source)
	}
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(rendered))
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			if tokens.Err() != io.EOF || len(open) > 0 {
				t.Errorf("%q: %v, open %v: %s", source, tokens.Err(), open, rendered)
			}
			return depth
		case html.TextToken:
		case html.StartTagToken:
			token := tokens.Token()
			allowed, known := elements[token.Data]
			if !known {
				t.Errorf("%q: <%s>: %s", source, token.Data, rendered)
			}
			for _, a := range token.Attr {
				if form := allowed[a.Key]; form == nil || !form.MatchString(a.Val) {
					t.Errorf("%q: %s=%q on <%s>", source, a.Key, a.Val, token.Data)
				}
				if u, err := url.Parse(a.Val); a.Key == "href" && (err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme)) {
					t.Errorf("%q: href %q", source, a.Val)
				}
			}
			if token.Data == "a" && slices.Contains(open, "a") {
				t.Errorf("%q: a link in a link: %s", source, rendered)
			}
			if token.Data != "br" {
				open = append(open, token.Data)
				depth = max(depth, len(open))
			}
		case html.EndTagToken:
			token := tokens.Token()
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Errorf("%q: </%s> closes %v: %s", source, token.Data, open, rendered)
				return depth
			}
			open = open[:len(open)-1]
		default:
			t.Errorf("%q: a %s: %s", source, kind, rendered)
		}
	}
}

// FuzzRender holds the package to its doc: nothing outside the list, within the bounds, the same each time, and nothing that
// a browser would mend.
func FuzzRender(f *testing.F) {
	for _, a := range attacks {
		f.Add(a.text)
	}
	for _, s := range []string{"- a\n\n  ```go\n  x\n  ```\n> 1. b\n>\n> # c", "a\\\n*b*  \nc", "```html\n<a b='c'>&d;</a>\n```", "\u2028**a**\u2029"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		rendered := Render(source)
		if depth := inert(t, source, rendered); depth > maxElements {
			t.Errorf("%q is %d deep", source, depth)
		}
		if again := Render(source); again != rendered {
			t.Errorf("%q: first\n%s\nthen\n%s", source, rendered, again)
		}
		if rendered == "" {
			return
		}
		tree, err := html.Parse(strings.NewReader("<!doctype html><html><head></head><body>" + rendered + "</body></html>"))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := html.Render(&b, tree); err != nil {
			t.Fatal(err)
		}
		parsed := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(b.String(), "<!DOCTYPE html><html><head></head><body>"), "</body></html>"), "<br/>", "<br>")
		if parsed != rendered {
			t.Errorf("%q: a browser makes\n%s\nof\n%s", source, parsed, rendered)
		}
	})
}
