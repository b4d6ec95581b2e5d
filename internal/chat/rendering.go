package chat

// Renderer makes HTML of what people write. It may be called concurrently.
type Renderer interface {
	// Render returns the HTML of a text, or "" where it would say nothing that the text does not. Its time and the size of
	// its result are bounded.
	Render(text string) string
	// Version is that of the rules, at least 1. Within one version a text has the same HTML, but for
	// the colours of code, which are left out when they take too long.
	Version() int
}

// rendering brings the HTML of messages up to the rules of now. HTML is stored with its message; what was stored under
// other rules, or before there were any, is rendered when it is read and not written back: history stays as it is on disk,
// and only what somebody looks at costs anything.
type rendering struct{ by Renderer }

func (r rendering) bring(m *Message) {
	switch {
	case m.Deleted:
		m.HTML = ""
	case r.by != nil && m.Renderer != r.by.Version():
		m.HTML, m.Renderer = r.by.Render(m.Content), r.by.Version()
	}
}

// bringAll does so with the outcomes of a batch, which may be of retries. What the retry was rendered to when it came is
// taken for what was stored then: all commits wait for this.
func (r rendering) bringAll(batch []pending, outcomes []Outcome) {
	for i := range outcomes {
		m := outcomes[i].Event.Text()
		if m == nil {
			continue
		}
		if p := batch[i].op.Post; p != nil && p.Renderer != m.Renderer && p.Content == m.Content {
			m.HTML, m.Renderer = p.HTML, p.Renderer
		}
		r.bring(m)
	}
}
