package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/markdown"
	"github.com/parley-chat/parley/internal/names"
)

// people are those of the tests, by name.
func people(all ...string) map[string]chat.UserID {
	byName := map[string]chat.UserID{}
	for _, name := range all {
		byName[names.Skeleton(name)] = chat.UserID(name)
	}
	return byName
}

func TestMentions(t *testing.T) {
	who := people("ann", "Ann Lee", "Dr. No", "jean-luc", "Zoë", "李小龙", "here.to.stay", "bob_")
	for _, c := range []struct {
		text, want, all string
	}{
		{"hello @ann", "ann", ""},
		{"@ANN and @Ann.", "ann", ""},
		{"@ann, @bob_: (@zoë)", "ann bob_ Zoë", ""},
		{"@zoe\u0308!", "Zoë", ""},
		{"@\u0430nn", "ann", ""}, // a Cyrillic letter: whoever reads it sees ann
		{"@bob_ __@ann__ @zoë_", "bob_ ann Zoë", ""},
		{"@ann lee knows", "Ann Lee", ""},
		{"@ann leeward", "ann", ""}, // the longest that exists, at the end of a word
		{"@ann  lee", "ann", ""},
		{"ask @Dr. No. Or @dr. nobody", "Dr. No", ""},
		{"@jean-luc", "jean-luc", ""},
		{"@李小龙, 你好", "李小龙", ""},
		{"@anna @ann_a @ann-marie @ann.lee @ann1 @annе", "", ""},
		{"@ann's @ann... @ann- @ann/@bob_", "ann", ""},
		{"ann@ann.org x@ann x_@ann @@ann a/@ann \\@ann", "", ""},
		{"https://x.org/@ann http://x.org/?to=@ann <HTTPS://x.org?@ann>", "", ""},
		{"https://x.org @ann", "ann", ""},
		{"@ ann @\nann @", "", ""},
		{"line\n@ann\nline", "ann", ""},
		{"**@ann** _@zoë_ [@bob_](https://x.org/@dr. no) > @jean-luc", "ann Zoë bob_ jean-luc", ""},
		{"@here", "", "here"},
		{"@Room: @ann", "ann", "room"},
		{"@here @ROOM @here", "", "room"},
		{"@heretic @rooms @here-is @roommate x@room", "", ""},
		{"@here.to.stay", "here.to.stay", ""},
		{"`@ann` @zoë", "Zoë", ""},
		{"``a ` @ann`` @zoë `@ann", "Zoë ann", ""},
		{"\\`@ann\\`", "ann", ""},
		{"a `span\nover @ann lines` @zoë", "Zoë", ""},
		{"a `span\n\n@ann` is none", "ann", ""},
		{"```\n@ann\n```\n@zoë", "Zoë", ""},
		{"```go\n@ann\n``\n@ann\n````  \n@zoë", "Zoë", ""},
		{"~~~ `x`\n@ann\n```\n@ann\n~~~\n@zoë", "Zoë", ""},
		{"```\n@ann and no end", "", ""},
		{"``` @ann ```", "", ""},
		{"> ```\n> @ann\n@zoë", "Zoë", ""},
		{"- ```\n  @ann\n- @zoë", "Zoë", ""},
		{"1. ```\n   @ann\n   ```\n2. @zoë", "Zoë", ""},
	} {
		got, all := chat.MentionsIn(c.text, names.Skeleton, who)
		if s := strings.Trim(fmt.Sprint(got), "[]"); s != c.want || all != c.all {
			t.Errorf("%q mentions %q and %q; want %q and %q", c.text, s, all, c.want, c.all)
		}
	}
}

// Whatever stands in code once it is rendered mentions nobody: the two readers of Markdown agree.
func TestMentionsInCodeAreNone(t *testing.T) {
	for _, text := range []string{
		"`@ann`", "x ``@ann`` y", "```\n@ann\n```", "> `@ann`", "- ```\n  @ann\n  ```", "~~~\n@ann", "* `a\n  @ann`", "   ```\n   @ann\n   ```",
	} {
		if html := markdown.Render(text); !strings.Contains(html, "<code") || strings.Index(html, "@ann") < strings.Index(html, "<code") {
			t.Errorf("%q is rendered as %q", text, html)
		}
		if got, _ := chat.MentionsIn(text, names.Skeleton, people("ann")); len(got) > 0 {
			t.Errorf("%q mentions %v", text, got)
		}
	}
}

func TestMentionsAreBounded(t *testing.T) {
	var everyone []string
	for i := range 10_000 {
		everyone = append(everyone, fmt.Sprintf("p%d", i))
	}
	all := "@" + strings.Join(everyone, " @")
	if got, _ := chat.MentionsIn(all, names.Skeleton, people(everyone...)); len(got) != chat.MaxMentions || got[49] != "p49" {
		t.Errorf("%d people are mentioned, the last %v", len(got), got[len(got)-1:])
	}
	for name, text := range map[string]string{
		"people":     all[:8000],
		"signs":      strings.Repeat("@", 8000),
		"addresses":  strings.Repeat("-@", 4000),
		"guesses":    strings.Repeat("@a-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.-.", 200),
		"words":      "@" + strings.Repeat("a ", 4000),
		"marks":      strings.Repeat("@e\u0301\u0302\u0303\u0304 ", 1000),
		"backticks":  strings.Repeat("` `` ``` @a ", 700),
		"runs":       runs(120),
		"fences":     strings.Repeat("> - ```\n", 1000) + "@ann",
		"backslash":  strings.Repeat("\\", 8000) + "@ann",
		"one scheme": strings.Repeat("http://", 1000) + "@ann",
	} {
		begun := time.Now()
		asked := chat.NamesIn(text)
		if took := time.Since(begun); len(asked) > 1000 || took > time.Second {
			t.Errorf("%s: %d names in %v", name, len(asked), took)
		}
	}
}

// runs of backticks of different lengths, none of which closes another.
func runs(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString(strings.Repeat("`", i) + " ")
	}
	return b.String()
}

func FuzzMentions(f *testing.F) {
	for _, s := range []string{"@ann", "`@ann`", "```\n@ann", "@ann lee", "\\@", "\\", "@here @room", "> - ```\n@", "~~~", "@\xff", "http://@ann"} {
		f.Add(s)
	}
	who := people("ann", "Ann Lee", "a.b")
	f.Fuzz(func(t *testing.T, s string) {
		got, all := chat.MentionsIn(s, names.Skeleton, who)
		if all != "" && all != chat.MentionHere && all != chat.MentionRoom {
			t.Errorf("%q mentions all as %q", s, all)
		}
		if (len(got) > 0 || all != "") && !strings.Contains(s, "@") {
			t.Errorf("%q mentions %v, %q", s, got, all)
		}
		for i, id := range got {
			if slices.Contains(got[:i], id) {
				t.Errorf("%q mentions %s twice", s, id)
			}
		}
		fenced := "````\n" + strings.ReplaceAll(strings.ReplaceAll(s, "`", "'"), "\r", "") + "\n````"
		if got, all := chat.MentionsIn(fenced, names.Skeleton, who); len(got) > 0 || all != "" {
			t.Errorf("%q mentions %v, %q", fenced, got, all)
		}
	})
}
