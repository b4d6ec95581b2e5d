package chat

// Renderer makes HTML of what people write. It may be called concurrently.
type Renderer interface {
	// Render returns the HTML of a text, or "" where it would say nothing that the text does not. Its time and the size of
	// its result are bounded.
	Render(text string) string
	// Version is that of the rules, at least 1. Within one version a text has the same HTML, as far as its bounds allow.
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

// bringAll does so with what was stored: outcomes of retries.
func (r rendering) bringAll(outcomes []Outcome) {
	for i := range outcomes {
		if m := outcomes[i].Event.Message; m != nil {
			r.bring(m)
		}
	}
}
