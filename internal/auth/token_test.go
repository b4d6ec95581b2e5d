package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/chat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	someUser    = chat.UserID("01926f0e-0000-7000-8000-000000000001")
	someSession = chat.SessionID("01926f0e-0000-7000-8000-0000000000aa")
)

var testKey = bytes.Repeat([]byte{7}, 32)

// clock is a time that a test sets.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)} }

func newTokens(t *testing.T, c *clock) *Tokens {
	t.Helper()
	tokens, err := NewTokens(testKey, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// forge writes a token by hand, as an attacker would, and signs it by HMAC with key (nil: no signature).
func forge(header, payload map[string]any, key []byte) string {
	part := func(v map[string]any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := part(header) + "." + part(payload)
	if key == nil {
		return signed + "."
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func header() map[string]any { return map[string]any{"alg": "HS256", "typ": "JWT"} }

func payload(c *clock) map[string]any {
	return map[string]any{"iss": "parley", "typ": "access", "sub": string(someUser), "sid": string(someSession),
		"iat": c.t.Unix(), "exp": c.t.Add(AccessTTL).Unix()}
}

func with(m map[string]any, key string, value any) map[string]any {
	if value == nil {
		delete(m, key)
	} else {
		m[key] = value
	}
	return m
}

func TestAnAccessTokenSaysWhoAndUntilWhen(t *testing.T) {
	c := newClock()
	tokens := newTokens(t, c)
	raw, expires, err := tokens.Access(someUser, someSession, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := c.t.Add(15 * time.Minute); !expires.Equal(want) {
		t.Errorf("expires %s, want %s", expires, want)
	}
	got, err := tokens.ParseAccess(raw)
	if err != nil || got != (Access{someUser, someSession, expires}) {
		t.Errorf("got %+v, %v", got, err)
	}
	// What forge writes is what Access writes, so that the attacks below fail for the reason they name.
	if _, err := tokens.ParseAccess(forge(header(), payload(c), testKey)); err != nil {
		t.Errorf("a token written by hand: %v", err)
	}
}

func TestATokenEnds(t *testing.T) {
	c := newClock()
	tokens := newTokens(t, c)
	raw, expires, err := tokens.Access(someUser, someSession, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c.t = expires.Add(-time.Second)
	if _, err := tokens.ParseAccess(raw); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	c.t = expires
	if _, err := tokens.ParseAccess(raw); err != error(errExpired) {
		t.Errorf("at its end: %v", err)
	}
}

func TestLifetimesHaveBounds(t *testing.T) {
	tokens := newTokens(t, newClock())
	for _, ttl := range []time.Duration{-time.Second, time.Millisecond, MaxTTL + time.Second} {
		if _, _, err := tokens.Access(someUser, someSession, ttl); chat.CodeOf(err) != chat.Invalid {
			t.Errorf("ttl %s: %v", ttl, err)
		}
	}
	if _, _, err := tokens.Access(someUser, someSession, MaxTTL); err != nil {
		t.Errorf("the longest: %v", err)
	}
}

// Attacks 16, 17, 18, 20 and 21 of the security plan; the names of the cases begin with the number.
func TestAttacks16To21ForgedTokensAreRefused(t *testing.T) {
	c := newClock()
	tokens := newTokens(t, c)
	far := c.t.Add(32 * 24 * time.Hour).Unix()
	otherKey := bytes.Repeat([]byte{8}, 32)
	guest, _, err := tokens.Guest(Guest{ID: someUser, Name: "ann", Email: "ann@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	valid := forge(header(), payload(c), testKey)
	lastDot := strings.LastIndexByte(valid, '.')
	cases := map[string]string{
		"nothing":                           "",
		"16 alg none":                       forge(with(header(), "alg", "none"), payload(c), nil),
		"16 alg None":                       forge(with(header(), "alg", "None"), payload(c), nil),
		"16 alg none with a signature":      forge(with(header(), "alg", "none"), payload(c), testKey),
		"16 no signature":                   valid[:lastDot+1],
		"16 another key":                    forge(header(), payload(c), otherKey),
		"16 a public key as secret":         forge(header(), payload(c), []byte("-----BEGIN PUBLIC KEY-----\nMFwwDQYJ\n-----END PUBLIC KEY-----")),
		"16 alg RS256":                      forge(with(header(), "alg", "RS256"), payload(c), testKey),
		"16 alg HS512":                      forge(with(header(), "alg", "HS512"), payload(c), testKey),
		"16 no alg":                         forge(with(header(), "alg", nil), payload(c), testKey),
		"16 no exp":                         forge(header(), with(payload(c), "exp", nil), testKey),
		"16 exp far away":                   forge(header(), with(payload(c), "exp", far), testKey),
		"16 exp beyond every number":        forge(header(), with(payload(c), "exp", 1e300), testKey),
		"16 exp as a string":                forge(header(), with(payload(c), "exp", "never"), testKey),
		"16 not valid yet":                  forge(header(), with(payload(c), "nbf", c.t.Add(time.Hour).Unix()), testKey),
		"17 another issuer":                 forge(with(header(), "kid", "1"), with(payload(c), "iss", "other"), testKey),
		"17 no issuer":                      forge(header(), with(payload(c), "iss", nil), testKey),
		"17 the key that kid names":         forge(with(header(), "kid", "../../dev/null"), payload(c), []byte{}),
		"17 18 a key inside the token":      forge(with(header(), "jwk", map[string]any{"kty": "oct", "k": "CAgI"}), payload(c), []byte{8, 8, 8}),
		"17 18 a key somewhere else":        forge(with(header(), "jku", "https://evil.example/keys"), payload(c), otherKey),
		"20 a million dots":                 strings.Repeat(".", 1<<20),
		"20 dots below the limit":           strings.Repeat(".", maxToken),
		"20 too long, though signed":        forge(header(), with(payload(c), "pad", strings.Repeat("x", maxToken)), testKey),
		"21 a guest's token":                guest,
		"21 a refresh token":                forge(header(), with(payload(c), "typ", "refresh"), testKey),
		"21 an invitation":                  forge(header(), with(payload(c), "typ", "invite"), testKey),
		"21 no type":                        forge(header(), with(payload(c), "typ", nil), testKey),
		"no session":                        forge(header(), with(payload(c), "sid", nil), testKey),
		"no user":                           forge(header(), with(payload(c), "sub", nil), testKey),
		"claims changed after the signing":  changed(valid, "sub", "01926f0e-0000-7000-8000-000000000002"),
		"a line break at the end":           valid + "\n",
		"another signature's last bits set": valid[:len(valid)-1] + otherLastBits(valid[len(valid)-1]),
	}
	for name, raw := range cases {
		for what, parse := range map[string]func(string) (Access, error){"access": tokens.ParseAccess, "refresh": tokens.ParseLate} {
			got, err := parse(raw)
			if chat.CodeOf(err) != chat.Unauthenticated || got != (Access{}) {
				t.Errorf("%s for %s: got %+v and error %v", name, what, got, err)
			}
		}
	}
}

func changed(raw, key string, value any) string {
	parts := strings.Split(raw, ".")
	b, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var m map[string]any
	_ = json.Unmarshal(b, &m)
	m[key] = value
	b, _ = json.Marshal(m)
	parts[1] = base64.RawURLEncoding.EncodeToString(b)
	return strings.Join(parts, ".")
}

// otherLastBits returns a letter that decodes to the same bytes when the decoder does not look at the bits left over.
func otherLastBits(last byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(letters[strings.IndexByte(letters, last)^1])
}

func TestAttack17HeadersOfATokenLeadNowhere(t *testing.T) { // they are ignored, neither followed nor a reason to refuse
	c := newClock()
	tokens := newTokens(t, c)
	h := header()
	h["kid"], h["jku"], h["x5u"] = "' OR 1=1 --", "https://evil.example/keys", "https://evil.example/cert"
	if _, err := tokens.ParseAccess(forge(h, payload(c), testKey)); err != nil {
		t.Errorf("signed by our key: %v", err)
	}
}

func TestAGuestTokenIsNoAccessToken(t *testing.T) {
	c := newClock()
	tokens := newTokens(t, c)
	raw, expires, err := tokens.Guest(Guest{ID: someUser, Name: "ann", Email: "ann@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := tokens.ParseGuest(raw)
	if err != nil || got != (GuestClaim{Guest{someUser, "ann", "ann@example.org"}, expires}) {
		t.Errorf("got %+v, %v", got, err)
	}
	access, _, err := tokens.Access(someUser, someSession, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.ParseGuest(access); chat.CodeOf(err) != chat.Unauthenticated {
		t.Errorf("an access token as a guest's: %v", err)
	}
}

func TestAShortKeyIsRefused(t *testing.T) {
	if _, err := NewTokens(make([]byte, 31), nil); err == nil {
		t.Error("took a key of 31 bytes")
	}
}

func FuzzParseAccess(f *testing.F) {
	c := newClock()
	tokens, err := NewTokens(testKey, c.now)
	if err != nil {
		f.Fatal(err)
	}
	raw, _, _ := tokens.Access(someUser, someSession, 0)
	f.Add(raw)
	f.Add(forge(with(header(), "alg", "none"), payload(c), nil))
	f.Add("a.b.c")
	f.Add("....")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := tokens.ParseAccess(in)
		if err == nil && in != raw {
			t.Errorf("accepted %q: %+v", in, got)
		}
	})
}
