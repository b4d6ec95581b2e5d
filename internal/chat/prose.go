package chat

import "strings"

// prose returns the pieces of a Markdown text that are no code. It knows fences and spans of code as the renderer does,
// and nothing else of Markdown. Its time is bounded by the length of the text.
func prose(content string) []string {
	if !strings.ContainsAny(content, "`~") {
		return []string{content}
	}
	var pieces []string
	var fence fence
	start := 0 // of the paragraph so far
	end := func(at int) {
		pieces = append(pieces, outsideSpans(content[start:at])...)
	}
	for at := 0; at < len(content); {
		next := len(content)
		if i := strings.IndexByte(content[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		line := content[at:next]
		switch {
		case fence.size > 0:
			if inside, closed := fence.holds(line); closed {
				fence, start = openFence(""), next
			} else if !inside {
				fence, start = openFence(line), at
				if fence.size > 0 {
					start = next
				}
			}
		case strings.TrimSpace(line) == "":
			end(at)
			start = next
		default:
			if f := openFence(line); f.size > 0 {
				end(at)
				fence = f
			}
		}
		at = next
	}
	if fence.size == 0 {
		end(len(content))
	}
	return pieces
}

// fence is a block of code that has begun; size 0: none has.
type fence struct {
	sign   byte
	size   int // how many of the sign
	quotes int // how many quotes it stands in
	indent int // of the list item it stands in; 0: in none
}

// openFence tells whether a line begins a block of code.
func openFence(line string) (f fence) {
	rest, quotes, indent := container(line)
	n := run(rest)
	if n < 3 || rest[0] == '`' && strings.Contains(rest[n:], "`") {
		return fence{}
	}
	return fence{sign: rest[0], size: n, quotes: quotes, indent: indent}
}

// holds says whether a line stands in the block, and whether it closes it.
func (f fence) holds(line string) (inside, closed bool) {
	rest := line
	for range f.quotes {
		rest = strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(rest, ">") {
			return false, false
		}
		rest = rest[1:]
	}
	text := strings.TrimLeft(rest, " \t")
	if f.indent > 0 && strings.TrimSpace(text) != "" && len(rest)-len(text) < f.indent && !strings.HasPrefix(rest, "\t") {
		return false, false
	}
	n := run(text)
	return true, n >= f.size && text[0] == f.sign && strings.TrimSpace(text[n:]) == ""
}

// run counts the backticks or tildes that a text begins with.
func run(text string) int {
	if text == "" || text[0] != '`' && text[0] != '~' {
		return 0
	}
	return len(text) - len(strings.TrimLeft(text, text[:1]))
}

// container takes the marks of quotes and of a list item off a line.
func container(line string) (rest string, quotes, indent int) {
	rest = strings.TrimLeft(line, " \t")
	for strings.HasPrefix(rest, ">") {
		quotes++
		rest = strings.TrimLeft(rest[1:], " \t")
	}
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	mark := 0
	switch {
	case digits > 0 && digits < 10 && len(rest) > digits && (rest[digits] == '.' || rest[digits] == ')'):
		mark = digits + 1
	case rest != "" && strings.IndexByte("-+*", rest[0]) >= 0:
		mark = 1
	}
	if mark == 0 || mark == len(rest) || rest[mark] != ' ' && rest[mark] != '\t' {
		return rest, quotes, 0
	}
	return strings.TrimLeft(rest[mark:], " \t"), quotes, mark + 1
}

// outsideSpans returns the pieces of a paragraph that stand in no span of code: a run of backticks opens one if another of
// the same length closes it.
func outsideSpans(text string) []string {
	var pieces []string
	var hopeless map[int]bool // lengths of which there is no run to come
	start := 0
	for at := 0; at < len(text); {
		switch text[at] {
		case '\\':
			at += 2
		case '`':
			n := run(text[at:])
			end := -1
			if !hopeless[n] {
				end = closing(text, at+n, n)
			}
			if end < 0 {
				if hopeless == nil {
					hopeless = map[int]bool{}
				}
				hopeless[n] = true
				at += n
				continue
			}
			pieces = append(pieces, text[start:at])
			start, at = end, end
		default:
			at++
		}
	}
	return append(pieces, text[start:])
}

// closing returns where the run of n backticks ends that closes a span, or -1.
func closing(text string, from, n int) int {
	for at := from; at < len(text); {
		i := strings.IndexByte(text[at:], '`')
		if i < 0 {
			return -1
		}
		at += i
		size := run(text[at:])
		if at += size; size == n {
			return at
		}
	}
	return -1
}
