package markdown

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxDepth is how deep quotes and lists may stand in each other; what is deeper is text. It keeps both the parser's time
// (every line asks every open block) and the tree that browsers build small.
const maxDepth = 12

// blocks is the parser. Left out on purpose: raw HTML; indented code and underlined headings, which people type without
// meaning them; link definitions, which would make a line vanish; rules, as three hyphens are a pause in a chat.
var blocks = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(bounded{parser.NewListParser()}, 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(bounded{quoteParser{parser.NewBlockquoteParser()}}, 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewEmphasisParser(), 500),
		util.Prioritized(extension.NewStrikethroughParser(), 500),
		util.Prioritized(addressParser{}, 999),
	),
)

// bounded opens no block deeper than maxDepth.
type bounded struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (b bounded) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		switch n.(type) {
		case *ast.List, *ast.Blockquote:
			depth++
		}
	}
	if depth >= maxDepth {
		return nil, parser.NoChildren
	}
	return b.BlockParser.Open(parent, reader, pc)
}

// quoteParser opens a quote where something is quoted: ">:(" is a face.
type quoteParser struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (q quoteParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " \t")
	if len(line) < 2 || line[0] != '>' || line[1] != '>' && isPunct(line[1]) && !bytes.HasPrefix(line[1:], []byte("```")) {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, reader, pc)
}

// addressParser makes links of addresses that stand in the text by themselves. The page does the same with the text of a
// plain message (linkify.ts), so both end an address at the same place; signs that turn the direction of writing end it
// for that they could hide where it leads.
type addressParser struct{}

var address = regexp.MustCompile("^(?i:https?)://[^\\s<>\"`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

// maxLocal is the longest part of an e-mail address before the @.
const maxLocal = 64

// Trigger implements parser.InlineParser; a space stands for the beginning of a line, too.
func (addressParser) Trigger() []byte { return []byte(" *_~(\"'{,;=|") }

// Parse implements parser.InlineParser.
func (addressParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if pc.IsInLinkLabel() {
		return nil
	}
	line, segment := block.PeekLine()
	before, skip := block.PrecendingCharacter(), 0
	if c := line[0]; isSpace(c) || isPunct(c) {
		before, skip = rune(c), 1
	}
	if unicode.IsLetter(before) || unicode.IsDigit(before) {
		return nil
	}
	kind, length := addressAt(line[skip:])
	if length == 0 {
		return nil
	}
	if skip > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(segment.Start+skip))
	}
	block.Advance(skip + length)
	start := segment.Start + skip
	return ast.NewAutoLink(kind, ast.NewTextSegment(text.NewSegment(start, start+length)))
}

func addressAt(line []byte) (ast.AutoLinkType, int) {
	if len(line) > 0 && line[0]|0x20 == 'h' {
		if m := address.Find(line); m != nil {
			return ast.AutoLinkURL, len(trimAddress(m))
		}
	}
	if at := bytes.IndexByte(line[:min(len(line), maxLocal+1)], '@'); at < 1 {
		return 0, 0
	}
	n := util.FindEmailIndex(line)
	if n < 0 {
		return 0, 0
	}
	mail := bytes.TrimRight(line[:n], ".-")
	if next, _ := utf8.DecodeRune(line[len(mail):]); unicode.IsLetter(next) || next == '_' || !bytes.Contains(mail[bytes.IndexByte(mail, '@'):], []byte(".")) {
		return 0, 0
	}
	return ast.AutoLinkEmail, len(mail)
}

// trimAddress takes off the signs at the end that belong to the sentence: full stops, and brackets that were opened before.
func trimAddress(found []byte) []byte {
	surplus := map[rune]int{}
	for _, c := range found {
		switch c {
		case '(', '[', '{':
			surplus[rune(c)]--
		case ')', ']', '}':
			surplus[opening(rune(c))]++
		}
	}
	for len(found) > 0 {
		r, size := utf8.DecodeLastRune(found)
		switch {
		case bytes.ContainsRune([]byte(".,;:!?'’”…*_~"), r):
		case surplus[opening(r)] > 0:
			surplus[opening(r)]--
		default:
			return found
		}
		found = found[:len(found)-size]
	}
	return found
}

// opening is the bracket that r closes, or 0.
func opening(r rune) rune {
	switch r {
	case ')':
		return '('
	case ']':
		return '['
	case '}':
		return '{'
	}
	return 0
}
