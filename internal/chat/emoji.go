package chat

import "unicode/utf8"

// pictographs are the code points that can begin an emoji: Unicode's Extended_Pictographic, rounded to blocks where
// everything in between is a symbol, too.
var pictographs = [][2]rune{
	{0xA9, 0xA9}, {0xAE, 0xAE}, {0x203C, 0x203C}, {0x2049, 0x2049}, {0x2122, 0x2122}, {0x2139, 0x2139}, {0x2194, 0x2199},
	{0x21A9, 0x21AA}, {0x231A, 0x231B}, {0x2328, 0x2328}, {0x23CF, 0x23CF}, {0x23E9, 0x23F3}, {0x23F8, 0x23FA}, {0x24C2, 0x24C2},
	{0x25AA, 0x25AB}, {0x25B6, 0x25B6}, {0x25C0, 0x25C0}, {0x25FB, 0x25FE}, {0x2600, 0x27BF}, {0x2934, 0x2935}, {0x2B05, 0x2B07},
	{0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55}, {0x3030, 0x3030}, {0x303D, 0x303D}, {0x3297, 0x3297}, {0x3299, 0x3299},
	{0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F170, 0x1F171}, {0x1F17E, 0x1F17F}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
	{0x1F201, 0x1F202}, {0x1F21A, 0x1F21A}, {0x1F22F, 0x1F22F}, {0x1F232, 0x1F23A}, {0x1F250, 0x1F251}, {0x1F300, 0x1F3FA},
	{0x1F400, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0}, {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF},
}

const (
	joiner       = 0x200D // ZERO WIDTH JOINER
	asEmoji      = 0xFE0F // VARIATION SELECTOR-16
	keycap       = 0x20E3
	cancelTag    = 0xE007F
	blackFlag    = 0x1F3F4 // begins the flags of England, Scotland and Wales
	maxJoined    = 4       // pictographs in one emoji: families, kisses
	maxTags      = 6
	noEmoji      = "emoji must be one emoji"
	firstTag     = 0xE0020
	lastTag      = 0xE007E
	firstLetter  = 0x1F1E6 // regional indicators, two of which are a flag
	lastLetter   = 0x1F1FF
	firstSkin    = 0x1F3FB
	lastSkin     = 0x1F3FF
	keycapDigits = "0123456789#*"
)

// CheckEmoji refuses what is not one emoji of at most MaxEmoji bytes, by the grammar of Unicode's emoji sequences (UTS 51,
// ED-17a): a keycap, a flag, or up to four pictographs that are joined. It does not know which sequences fonts have.
func CheckEmoji(emoji string) error {
	if len(emoji) > MaxEmoji {
		return Errorf(TooLarge, "", "emoji is longer than %d bytes", MaxEmoji)
	}
	if !utf8.ValidString(emoji) {
		return Errorf(Invalid, "", "emoji is not valid UTF-8")
	}
	rs := []rune(emoji)
	if !isKeycap(rs) && !isFlag(rs) && !isJoined(rs) {
		return Errorf(Invalid, "", noEmoji)
	}
	return nil
}

func isKeycap(rs []rune) bool {
	if len(rs) == 3 && rs[1] == asEmoji {
		rs = []rune{rs[0], rs[2]}
	}
	if len(rs) != 2 || rs[1] != keycap {
		return false
	}
	for _, r := range keycapDigits {
		if r == rs[0] {
			return true
		}
	}
	return false
}

func isFlag(rs []rune) bool {
	return len(rs) == 2 && within(rs[0], firstLetter, lastLetter) && within(rs[1], firstLetter, lastLetter)
}

// isJoined takes pictographs, each with a skin tone, a variation selector or tags, with joiners between them.
func isJoined(rs []rune) bool {
	for n := 1; len(rs) > 0 && n <= maxJoined; n++ {
		rs = afterPictograph(rs)
		if rs == nil {
			return false
		}
		if len(rs) == 0 {
			return true
		}
		if rs[0] != joiner {
			return false
		}
		rs = rs[1:]
	}
	return false
}

// afterPictograph returns what follows the first pictograph; nil: it does not begin with one.
func afterPictograph(rs []rune) []rune {
	first, rest := rs[0], rs[1:]
	if !isPictograph(first) {
		return nil
	}
	switch {
	case len(rest) > 0 && within(rest[0], firstSkin, lastSkin):
		return rest[1:]
	case len(rest) > 0 && rest[0] == asEmoji:
		return rest[1:]
	case first == blackFlag && len(rest) > 0 && within(rest[0], firstTag, lastTag):
		tags := 0
		for tags < len(rest) && within(rest[tags], firstTag, lastTag) {
			tags++
		}
		if tags > maxTags || tags == len(rest) || rest[tags] != cancelTag {
			return nil
		}
		return rest[tags+1:]
	}
	return rest
}

func isPictograph(r rune) bool {
	for _, p := range pictographs {
		if within(r, p[0], p[1]) {
			return true
		}
	}
	return false
}

func within(r, first, last rune) bool { return first <= r && r <= last }
