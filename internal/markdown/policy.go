package markdown

import (
	"regexp"

	"github.com/microcosm-cc/bluemonday"
)

// linkRel is on every link: the other side learns nothing of the page it came from and cannot reach it.
const linkRel = "noopener noreferrer"

// policy is the list of what may be in the HTML of a message. docs/protocol.md has it for clients, and the page has its own
// (web/src/chat/body/tree.ts): what is added here must be added there.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^` + linkRel + `$`)).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[a-z]{1,16}$`)).OnElements("code")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[` + classes + `]$`)).OnElements("span")
	return p
}()
