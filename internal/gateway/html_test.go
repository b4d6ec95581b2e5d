package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/markdown"
	"github.com/parley-chat/parley/internal/wire"
)

func rendered(_ *Config, c *chat.Config) { c.Renderer = markdown.Renderer{} }

// The author's connection learns the HTML by its ack, everybody else by the message; plain has none.
func TestHTMLComesWithTheAckAndTheMessage(t *testing.T) {
	s := start(t, rendered)
	s.person("ann")
	s.person("bob")
	ann, bob := s.all("ann", "general"), s.all("bob", "general")
	for i, c := range []struct{ content, html string }{{"say **it**", "<p>say <strong>it</strong></p>"}, {"plain", ""}} {
		ann.say(`{"type":"message","room":"general","content":%q,"client_id":%q}`, c.content, key(i))
		if m := bob.want("message"); m.str("html") != c.html || m.str("content") != c.content || (c.html == "") != !strings.Contains(m.raw, "html") {
			t.Errorf("message: %s", m.raw)
		}
		if a := ann.want("ack"); a.str("html") != c.html || (c.html == "") != !strings.Contains(a.raw, "html") {
			t.Errorf("ack: %s", a.raw)
		}
		ann.say(`{"type":"message","room":"general","content":%q,"client_id":%q}`, c.content, key(i))
		if a := ann.want("ack"); a.str("html") != c.html {
			t.Errorf("the ack of a retry: %s", a.raw)
		}
	}
}

// However long what people write becomes in HTML, the frame of a message is never longer than the protocol allows.
func TestFramesWithHTMLHaveTheirSize(t *testing.T) {
	for _, unit := range []string{"😀", "**a**", "'", "\"*", "\n- ", "\t", "[a](https://a.example) ", "`&`", "\u2028", "> "} {
		content := strings.TrimSpace("**x** " + strings.Repeat(unit, 7990/len([]rune(unit))))
		m := &chat.Message{
			ID: key(1), RoomName: strings.Repeat("r", 64), Seq: wire.MaxNumber, N: wire.MaxNumber, Author: chat.UserID(key(2)), UserName: strings.Repeat("𐐀", chat.MaxName),
			ClientID: key(3), Content: content, HTML: markdown.Render(content),
		}
		frame := (&wire.Message{Room: m.RoomName, ID: m.ID, Seq: m.Seq, N: m.N, User: m.UserName, UserID: string(m.Author), Content: m.Content, HTML: m.HTML, ClientID: m.ClientID}).Append(nil)
		if !json.Valid(frame) || len(frame) > wire.MaxFrame {
			t.Errorf("%q: a frame of %d bytes", unit, len(frame))
		}
	}
}
