package markdown

import (
	"strings"
	"testing"
)

func BenchmarkRender(b *testing.B) {
	paragraph := "The **tide** comes in at *seven*, see [the table](https://tides.example/t?d=1) or `tide --today`. "
	for _, c := range []struct{ name, text string }{
		{"plain", "Shall we have lunch at one? The place round the corner has soup today, and it is raining anyway."},
		{"snake", "rename user_id and room_id, please"},
		{"strong", "This is **very** important"},
		{"list", "For Friday:\n\n- **bread**\n- two `lemons`\n- [salt](https://salt.example)"},
		{"code", "```go\nfunc main() {\n\tfmt.Println(\"hello\", 42) // say it\n}\n```"},
		{"8000", strings.Repeat(paragraph, 8000/len(paragraph))},
		{"8000-code", "```go\n" + strings.Repeat("\tif err := f(x, \"y\"); err != nil { return 1 } // no\n", 7900/51) + "```"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Render(c.text)
			}
		})
	}
}
