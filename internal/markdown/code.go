package markdown

import (
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark/ast"
)

// Bounds of colouring. Some lexers step back a lot on hostile input; the time is asked for between two tokens, and one token
// takes chroma's own 250 ms at the very most, which a line of this length does not reach. Code beyond a bound is code without colours.
const (
	maxLine   = 1000 // bytes
	maxTokens = 4000
	maxTime   = 500 * time.Millisecond // a hundred times what ordinary code takes: a busy machine must not take the colours away
)

// classes are those of a span in code: keyword, string, number, comment, name, inserted and deleted line.
const classes = "ksncfid"

// languages are the ones that are coloured, by the names that people give them; the value is chroma's name and the class.
var languages = func() map[string]string {
	all := map[string]string{}
	for _, names := range strings.Split(`bash sh shell zsh console|c h|cpp c++ cc cxx hpp|csharp cs c#|css|diff patch|docker dockerfile|elixir ex|
		erlang erl|go golang|graphql gql|haskell hs|html htm|ini|java|javascript js jsx mjs|json jsonc|kotlin kt|lua|make makefile|
		nginx|nix|ocaml ml|perl pl|php|powershell ps1|protobuf proto|python py|r|ruby rb|rust rs|scala|scss|sql postgres postgresql|swift|
		terraform tf hcl|toml|typescript ts tsx|xml svg|yaml yml|zig`, "|") {
		fields := strings.Fields(names)
		for _, name := range fields {
			all[name] = fields[0]
		}
	}
	return all
}()

// fence writes fenced code. A first line that names no language is code that somebody began beside the fence.
func (w *writer) fence(n *ast.FencedCodeBlock) {
	var code strings.Builder
	info := ""
	if n.Info != nil {
		info = strings.TrimSpace(string(n.Info.Segment.Value(w.src)))
	}
	language := languages[strings.ToLower(info)]
	if language == "" && info != "" {
		code.WriteString(info + "\n")
	}
	lines := n.Lines()
	for i := range lines.Len() {
		line := lines.At(i)
		code.Write(line.Value(w.src))
	}
	text := strings.TrimRight(code.String(), "\n")
	if strings.TrimSpace(text) == "" {
		w.given = true
		return
	}
	attributes := ""
	if language != "" {
		attributes = ` class="language-` + language + `"`
	}
	w.in("pre", "", func() {
		w.in("code", attributes, func() {
			if language == "" || !w.coloured(language, text) {
				w.text(text)
			}
		})
	})
}

// coloured writes code with its colours, unless a bound is met.
func (w *writer) coloured(language, code string) bool {
	for line := range strings.Lines(code) {
		if len(line) > maxLine {
			return false
		}
	}
	pieces, ok := colour(language, code)
	if !ok {
		return false
	}
	for _, p := range pieces {
		text := func() { w.text(p.text) }
		if p.class == 0 {
			text()
		} else {
			w.in("span", ` class="`+string(p.class)+`"`, text)
		}
	}
	return true
}

// piece is a run of code of one class; 0 is none.
type piece struct {
	class byte
	text  string
}

// colour cuts code into pieces. Together they are the code, letter by letter, or it is false.
func colour(language, code string) ([]piece, bool) {
	lexer := lexers.Get(language)
	if lexer == nil {
		return nil, false
	}
	code += "\n" // some lexers know whole lines alone
	next, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, code)
	if err != nil {
		return nil, false
	}
	var pieces []piece
	rest, until := code, time.Now().Add(maxTime)
	for n := 0; rest != ""; n++ {
		token := next()
		if token == chroma.EOF || n == maxTokens || n%16 == 0 && time.Now().After(until) {
			return nil, false
		}
		text := token.Value
		if !strings.HasPrefix(rest, text) {
			return nil, false
		}
		rest = rest[len(text):]
		class := classOf(token.Type)
		if strings.TrimSpace(text) == "" {
			class = 0
		}
		if last := len(pieces) - 1; last >= 0 && pieces[last].class == class {
			pieces[last].text += text
		} else {
			pieces = append(pieces, piece{class, text})
		}
	}
	if last := &pieces[len(pieces)-1]; last.text == "\n" {
		pieces = pieces[:len(pieces)-1]
	} else {
		last.text = strings.TrimSuffix(last.text, "\n")
	}
	return pieces, true
}

// classOf makes the few classes of chroma's many.
func classOf(t chroma.TokenType) byte {
	switch {
	case t == chroma.GenericInserted:
		return 'i'
	case t == chroma.GenericDeleted:
		return 'd'
	case t == chroma.KeywordConstant || t.InSubCategory(chroma.LiteralNumber):
		return 'n'
	case t.InCategory(chroma.Keyword) || t == chroma.NameTag || t == chroma.OperatorWord || t == chroma.GenericHeading || t == chroma.GenericSubheading:
		return 'k'
	case t.InSubCategory(chroma.LiteralString):
		return 's'
	case t.InSubCategory(chroma.CommentPreproc):
		return 'k'
	case t.InCategory(chroma.Comment):
		return 'c'
	case t.InSubCategory(chroma.NameFunction) || t == chroma.NameClass || t == chroma.NameAttribute || t == chroma.NameDecorator:
		return 'f'
	}
	return 0
}
