package markdown

import (
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// maxElements is how deep elements may stand in each other. Deeper ones are left out and what is in them is kept.
const maxElements = 2*maxDepth + 12

// writer writes a tree as HTML: the elements of policy.go and escaped text, nothing else.
type writer struct {
	src    []byte
	out    strings.Builder
	limit  int  // of out; beyond it the writer gives up
	depth  int  // of open elements
	inLink bool // links do not stand in links
	marked bool // something was written that the text does not say by itself
	given  bool // given up: the text stays plain
}

// in writes an element with what is in it.
func (w *writer) in(name, attributes string, inside func()) {
	w.marked = true
	w.nest(func() {
		w.out.WriteString("<" + name + attributes + ">")
		inside()
		w.out.WriteString("</" + name + ">")
	}, inside)
}

// nest runs f one level deeper, or flat if there is no deeper level.
func (w *writer) nest(f, flat func()) {
	if w.depth >= maxElements {
		flat()
		return
	}
	w.depth++
	f()
	w.depth--
}

func (w *writer) text(s string) { w.out.WriteString(html.EscapeString(s)) }

// blocks writes the blocks in n. A block that is empty means that nobody meant one: the text stays plain.
func (w *writer) blocks(n ast.Node) {
	for c := n.FirstChild(); c != nil && !w.given; c = c.NextSibling() {
		if w.out.Len() > w.limit {
			w.given = true
			return
		}
		w.block(c)
	}
}

func (w *writer) block(n ast.Node) {
	code, isCode := n.(*ast.FencedCodeBlock)
	if !isCode && !n.HasChildren() {
		w.given = true
		return
	}
	inline := func() { w.inlines(n) }
	switch n := n.(type) {
	case *ast.Paragraph:
		w.nest(func() {
			w.out.WriteString("<p>")
			inline()
			w.out.WriteString("</p>")
		}, inline)
	case *ast.TextBlock:
		inline()
	case *ast.Heading:
		w.in("p", "", func() { w.in("strong", "", inline) })
	case *ast.FencedCodeBlock:
		w.fence(code)
	case *ast.Blockquote:
		w.in("blockquote", "", func() { w.blocks(n) })
	case *ast.List:
		w.list(n)
	case *ast.ListItem:
		w.in("li", "", func() { w.blocks(n) })
	default:
		w.given = true
	}
}

func (w *writer) list(n *ast.List) {
	name, attributes := "ul", ""
	if n.IsOrdered() {
		name = "ol"
		if n.Start != 1 {
			attributes = ` start="` + strconv.Itoa(n.Start) + `"`
		}
	}
	w.in(name, attributes, func() { w.blocks(n) })
}

func (w *writer) inlines(n ast.Node) {
	for c := n.FirstChild(); c != nil && !w.given; c = c.NextSibling() {
		if w.out.Len() > w.limit {
			w.given = true
			return
		}
		w.inline(c)
	}
}

func (w *writer) inline(n ast.Node) {
	inside := func() { w.inlines(n) }
	switch n := n.(type) {
	case *ast.Text:
		w.unescaped(n.Segment.Value(w.src))
		if n.SoftLineBreak() || n.HardLineBreak() {
			w.out.WriteString("<br>")
		}
	case *ast.String:
		w.text(string(n.Value))
	case *ast.CodeSpan:
		w.codeSpan(n)
	case *ast.Emphasis:
		w.in([]string{"em", "strong"}[min(n.Level, 2)-1], "", inside)
	case *east.Strikethrough:
		w.in("del", "", inside)
	case *ast.Link:
		w.link(n, n.Destination, n.Title)
	case *ast.Image:
		w.link(n, n.Destination, n.Title)
	case *ast.AutoLink:
		w.autoLink(n)
	default:
		inside()
	}
}

// escapable are the signs that a backslash takes the meaning from. Before others it stays: people type paths and faces.
const escapable = "\\`*_~[]<>#+-.!)"

// unescaped writes text with its backslash escapes resolved.
func (w *writer) unescaped(b []byte) {
	plain := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) && strings.IndexByte(escapable, b[i+1]) >= 0 {
			w.marked = true
			i++
		}
		plain = append(plain, b[i])
	}
	w.text(string(plain))
}

// codeSpan writes code in a line. A line break in it is a space.
func (w *writer) codeSpan(n *ast.CodeSpan) {
	var code strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			code.Write(t.Segment.Value(w.src))
		}
	}
	w.in("code", "", func() { w.text(strings.ReplaceAll(code.String(), "\n", " ")) })
}

// link writes a link, or what was typed if it leads nowhere that a link may lead. Without a text it shows where it leads.
func (w *writer) link(n ast.Node, to, title []byte) {
	href := safeHref(string(util.UnescapePunctuations(to)))
	switch {
	case w.inLink:
		w.inlines(n)
	case href == "":
		if n.Kind() == ast.KindImage {
			w.text("!")
		}
		w.text("[")
		w.inlines(n)
		w.text("](" + string(to))
		if len(title) > 0 {
			w.text(` "` + string(title) + `"`)
		}
		w.text(")")
	default:
		w.anchor(href, func() {
			from := w.out.Len()
			w.inlines(n)
			if !hasInk(w.out.String()[from:]) {
				w.text(href)
			}
		})
	}
}

func (w *writer) autoLink(n *ast.AutoLink) {
	label := string(n.Label(w.src))
	to := label
	if n.AutoLinkType == ast.AutoLinkEmail {
		to = "mailto:" + label
	}
	href := safeHref(to)
	if w.inLink || href == "" || strings.ContainsFunc(label, isBidi) {
		w.text(label)
		return
	}
	w.anchor(href, func() { w.text(label) })
}

func (w *writer) anchor(href string, inside func()) {
	w.inLink = true
	w.in("a", ` href="`+html.EscapeString(href)+`" rel="`+linkRel+`"`, inside)
	w.inLink = false
}

func isBidi(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// hasInk tells whether a piece of HTML shows anything.
func hasInk(s string) bool {
	tag := false
	for _, r := range s {
		switch {
		case r == '<':
			tag = true
		case r == '>':
			tag = false
		case !tag && unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != '\u2800':
			return true
		}
	}
	return false
}

// safeHref brings an address to the form in which it stands in a link, or returns "" for one that is no link: only http,
// https and mailto are, with somewhere to go.
func safeHref(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch u.Scheme {
	case "http", "https":
		if u.Hostname() == "" || u.Opaque != "" {
			return ""
		}
	case "mailto":
		if !strings.Contains(u.Opaque, "@") {
			return ""
		}
	default:
		return ""
	}
	href := u.String()
	if strings.ContainsFunc(href, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || isBidi(r) }) {
		return ""
	}
	return href
}
