package names_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/names"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"ann":                         "ann",
		"  Ann   Lee ":                "Ann Lee",
		"jean-luc_2.0":                "jean-luc_2.0",
		"Zoe\u0308":                   "Zoë", // NFC
		"李小龙":                         "李小龙",
		"Ольга":                       "Ольга",
		"नमिता":                       "नमिता", // vowel signs are marks
		"7":                           "7",
		strings.Repeat("e\u0301", 32): strings.Repeat("é", 32),
		"a" + "\u0301":                "á",
	} {
		if got, err := names.Clean(in); got != want || err != nil {
			t.Errorf("Clean(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "...", "-_-", "a,b", "a\tb", "a\nb", "a\x00b", "\x7f", "a\u200bb", "a\u00adb", "a\u202eb", "\u3164", "a\ufe0fb", "a\u034fb",
		"\u0301a", "- \u0301", "a" + strings.Repeat("\u0316", 5), "a<b>", "a@b", "😀", "a\u00a0b", "a\xffb", "a\ufffdb",
		strings.Repeat("a", 33), strings.Repeat("a", 5000),
	} {
		got, err := names.Clean(in)
		if chat.CodeOf(err) != chat.Invalid || got != "" {
			t.Errorf("Clean(%q) = %q, %v; want Invalid", in, got, err)
		}
		if err != nil && !strings.Contains(err.Error(), "name") {
			t.Errorf("Clean(%q): the message does not name the field: %v", in, err)
		}
	}
}

// Names in one group are one name; names of different groups are different.
func TestSkeleton(t *testing.T) {
	groups := [][]string{
		{"ann", "Ann", "ANN", "аnn", "Аnn", "ａｎｎ", "𝐚𝐧𝐧"},              // Cyrillic а and А, full width, mathematical
		{"paul", "Paul", "PAUL", "pau1", "PauI", "раul", "Pau\u200bl"}, // 1, capital I, Cyrillic р and а
		{"Ilya", "ilya", "llya", "1lya"},
		{"william", "Wi\u0307lliam", "W\u0130lliam", "w\u0131\u0307lliam", "w\u0456\u0307lliam", "wi\u0307\u0307lliam"}, // a dot on a dot
		{"jan", "j\u0307an"},
		{"z\u0307an", "\u017ban"},
		{"zan"},
		{"bob", "B0b", "bоb", "ΒOB"}, // zero, Cyrillic о, Greek Β
		{"kevin", "Кevin", "кevin"},
		{"Helen", "Ηelen", "Нelen"}, // Greek Η, Cyrillic Н
		{"Вова", "вова", "ВОВА"},
		{"tom", "Тom", "torn"},
		{"Zoë", "zoe\u0308", "ZOË"},
		{"straße", "STRASSE"},
		{"Θεός", "ΘΕΌΣ", "θεόσ"},
		{"eve"}, {"zoe"}, {"李"}, {"anna"}, {"a b"}, {"a-b"}, {"a_b"}, {"a.b"}, {"ab"},
	}
	owner := map[string]string{}
	for _, group := range groups {
		for _, name := range group {
			s := names.Skeleton(name)
			if want := names.Skeleton(group[0]); s != want {
				t.Errorf("Skeleton(%q) = %q, but that of %q is %q", name, s, group[0], want)
			}
			if other, ok := owner[s]; ok && other != group[0] {
				t.Errorf("%q and %q have one skeleton, %q", name, other, s)
			}
			owner[s] = group[0]
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"ann", "Аnn", "\u0345", "ﷺ", "ꭰᎠ", "m\u0300", "İ", "ẞ", "\xff", "ᏰϷ", "ΐ", "𐒴", "ſ", "ŉ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := names.Skeleton(s)
		if !utf8.ValidString(once) {
			t.Errorf("Skeleton(%q) = %q is not valid UTF-8", s, once)
		}
		if len(once) <= 1024 {
			if twice := names.Skeleton(once); twice != once {
				t.Errorf("Skeleton(%q) = %q, and of that %q", s, once, twice)
			}
		}
	})
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"ann", " a  b ", "e\u0301", "a,b", "\u1100\u1161", "\u0958"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := names.Clean(s)
		if err != nil {
			return
		}
		if err := chat.CheckName(name); err != nil {
			t.Errorf("Clean(%q) = %q: %v", s, name, err)
		}
		if again, err := names.Clean(name); again != name || err != nil {
			t.Errorf("Clean(%q) = %q, and of that %q, %v", s, name, again, err)
		}
		if names.Skeleton(name) == "" {
			t.Errorf("%q has an empty skeleton", name)
		}
	})
}

// Every letter, mark and number: the table has no cycle that the rounds would not end in.
func TestSkeletonOfEveryLetter(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		// Han and Hangul are most of all letters, and few of them look like another.
		if !unicode.In(r, unicode.L, unicode.M, unicode.N) || unicode.In(r, unicode.Han, unicode.Hangul) {
			continue
		}
		for _, s := range []string{string(r), "a" + string(r)} {
			once := names.Skeleton(s)
			if twice := names.Skeleton(once); twice != once {
				t.Fatalf("Skeleton(%q) = %q, and of that %q", s, once, twice)
			}
		}
	}
}
