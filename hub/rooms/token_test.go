package rooms

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	testKey = bytes.Repeat([]byte("k"), 32)
	noon    = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
)

// forge writes a token as an attacker or a stranger's library would, rightly signed.
func forge(header, claims string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	return signed + "." + base64.RawURLEncoding.EncodeToString(sign(testKey, signed))
}

const goodHeader = `{"alg":"HS256","typ":"JWT"}`

func claimsAt(exp time.Time, more string) string {
	return `{"sub":"u1","name":"Ann","exp":` + strconv.FormatInt(exp.Unix(), 10) + more + `}`
}

func TestTokenOfStrangers(t *testing.T) {
	soon := noon.Add(time.Minute)
	for name, token := range map[string]string{
		"ours":         SignToken(testKey, User{ID: "u1", Name: "Ann", Expires: soon}),
		"by hand":      forge(goodHeader, claimsAt(soon, "")),
		"other claims": forge(`{"kid":"../../etc","jku":"http://evil","alg":"HS256"}`, claimsAt(soon, `,"iat":1,"aud":["a"],"Exp":1,"SUB":"evil"`)),
		"exp fraction": forge(goodHeader, strings.Replace(claimsAt(soon, ""), "}", ".75}", 1)),
		"nbf has come": forge(goodHeader, claimsAt(soon, `,"nbf":`+strconv.FormatInt(noon.Unix(), 10))),
	} {
		u, err := parseToken(testKey, token, noon)
		if want := (User{ID: "u1", Name: "Ann", Expires: soon}); err != nil || u != want {
			t.Errorf("%s: %+v %v", name, u, err)
		}
	}
}

func TestTokenRefused(t *testing.T) {
	soon := noon.Add(time.Minute)
	good := forge(goodHeader, claimsAt(soon, ""))
	parts := strings.Split(good, ".")
	other := base64.RawURLEncoding.EncodeToString([]byte(claimsAt(soon.Add(time.Hour), "")))
	hs512 := hmac.New(sha512.New, testKey)
	head512 := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS512"}`)) + "." + parts[1]
	hs512.Write([]byte(head512))
	lastBit := []byte(good) // the lowest bits of the last letter belong to no byte
	lastBit[len(lastBit)-1]++
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"empty":             {"", errBadToken},
		"none":              {base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".", errBadToken},
		"none, signed":      {forge(`{"alg":"none"}`, claimsAt(soon, "")), errBadToken},
		"None":              {forge(`{"alg":"None"}`, claimsAt(soon, "")), errBadToken},
		"hs256":             {forge(`{"alg":"hs256"}`, claimsAt(soon, "")), errBadToken},
		"RS256":             {forge(`{"alg":"RS256"}`, claimsAt(soon, "")), errBadToken},
		"HS512":             {head512 + "." + base64.RawURLEncoding.EncodeToString(hs512.Sum(nil)), errBadToken},
		"no alg":            {forge(`{"typ":"JWT"}`, claimsAt(soon, "")), errBadToken},
		"alg twice":         {forge(`{"alg":"HS256","alg":"none"}`, claimsAt(soon, "")), errBadToken},
		"crit":              {forge(`{"alg":"HS256","crit":["b64"],"b64":false}`, claimsAt(soon, "")), errBadToken},
		"header no JSON":    {forge(`x`, claimsAt(soon, "")), errBadToken},
		"claims tampered":   {parts[0] + "." + other + "." + parts[2], errBadToken},
		"signature cut":     {good[:len(good)-4], errBadToken},
		"signature missing": {parts[0] + "." + parts[1] + ".", errBadToken},
		"unused bits":       {string(lastBit), errBadToken},
		"padding":           {good + "=", errBadToken},
		"line break":        {parts[0] + "." + parts[1] + ".\n" + parts[2], errBadToken},
		"four parts":        {good + ".x", errBadToken},
		"dots":              {strings.Repeat(".", 1<<20), errBadToken},
		"oversize":          {forge(goodHeader, claimsAt(soon, `,"x":"`+strings.Repeat("x", maxToken)+`"`)), errBadToken},
		"expired":           {forge(goodHeader, claimsAt(noon, "")), errExpired},
		"far future":        {forge(goodHeader, claimsAt(noon.Add(maxExpiry+time.Hour), "")), errBadToken},
		"no exp":            {forge(goodHeader, `{"sub":"u1"}`), errBadToken},
		"exp null":          {forge(goodHeader, `{"sub":"u1","exp":null}`), errBadToken},
		"exp text":          {forge(goodHeader, `{"sub":"u1","exp":"1769860860"}`), errBadToken},
		"exp huge":          {forge(goodHeader, `{"sub":"u1","exp":1e300}`), errBadToken},
		"exp negative":      {forge(goodHeader, `{"sub":"u1","exp":-1}`), errBadToken},
		"exp twice":         {forge(goodHeader, claimsAt(soon, `,"exp":1`)), errBadToken},
		"nbf to come":       {forge(goodHeader, claimsAt(soon, `,"nbf":`+strconv.FormatInt(soon.Unix(), 10))), errBadToken},
		"no sub":            {forge(goodHeader, strings.Replace(claimsAt(soon, ""), `"sub"`, `"x"`, 1)), errBadToken},
		"sub empty":         {forge(goodHeader, strings.Replace(claimsAt(soon, ""), `"u1"`, `""`, 1)), errBadToken},
		"sub number":        {forge(goodHeader, strings.Replace(claimsAt(soon, ""), `"u1"`, `1`, 1)), errBadToken},
		"name number":       {forge(goodHeader, strings.Replace(claimsAt(soon, ""), `"Ann"`, `1`, 1)), errBadToken},
		"claims no object":  {forge(goodHeader, `[]`), errBadToken},
		"claims and a tail": {forge(goodHeader, claimsAt(soon, "")+"{}"), errBadToken},
	} {
		u, err := parseToken(testKey, c.token, noon)
		if !errors.Is(err, c.want) || u != (User{}) {
			t.Errorf("%s: %+v %v, want %v", name, u, err, c.want)
		}
	}
	if _, err := parseToken(bytes.Repeat([]byte("j"), 32), good, noon); !errors.Is(err, errBadToken) {
		t.Errorf("another key: %v", err)
	}
}

func TestWhereTheTokenComesFrom(t *testing.T) {
	auth := TokenAuth(testKey)
	exp := time.Now().Add(time.Hour)
	ann, bob := SignToken(testKey, User{ID: "ann", Expires: exp}), SignToken(testKey, User{ID: "bob", Expires: exp})
	for name, c := range map[string]struct{ query, header, want string }{
		"query":               {"?token=" + ann, "", "ann"},
		"header":              {"", "Bearer " + bob, "bob"},
		"lower case":          {"", "bearer " + bob, "bob"},
		"the header wins":     {"?token=" + ann, "Bearer " + bob, "bob"},
		"a wrong header wins": {"?token=" + ann, "Bearer x", ""},
		"another scheme":      {"?token=" + ann, "Basic eDp5", "ann"},
		"two tokens":          {"?token=" + ann + "&token=" + bob, "", ""},
		"nothing":             {"", "", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/ws"+c.query, nil)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		u, err := auth(r)
		if u.ID != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", name, u.ID, err, c.want)
		}
	}
}

func TestKeysAreLong(t *testing.T) {
	for name, f := range map[string]func(){
		"TokenAuth": func() { TokenAuth(testKey[:31]) },
		"SignToken": func() { SignToken(testKey[:31], User{ID: "u", Expires: noon}) },
		"no expiry": func() { SignToken(testKey, User{ID: "u"}) },
		"no user":   func() { SignToken(testKey, User{Expires: noon}) },
	} {
		if !panics(f) {
			t.Errorf("%s does not panic", name)
		}
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

// FuzzToken signs whatever claims and header it is given, so that the parser behind the signature is reached, and tries
// the text as a token as well, which must never be valid.
func FuzzToken(f *testing.F) {
	f.Add(goodHeader, claimsAt(noon.Add(time.Minute), ""))
	f.Add(`{"alg":"none"}`, `{"sub":"","exp":1e999}`)
	f.Add("", "\x00")
	f.Fuzz(func(t *testing.T, header, claims string) {
		u, err := parseToken(testKey, forge(header, claims), noon)
		if err == nil && (u.ID == "" || !u.Expires.After(noon) || u.Expires.Sub(noon) > maxExpiry || !strings.Contains(header, "alg")) {
			t.Errorf("%s %s is %+v", header, claims, u)
		}
		if err != nil && u != (User{}) {
			t.Errorf("a user besides %v", err)
		}
		if u, err := parseToken(testKey, header+"."+claims, noon); err == nil {
			t.Errorf("%+v without a signature", u)
		}
	})
}

func TestSignatureIsOfTheWholeToken(t *testing.T) {
	good := forge(goodHeader, claimsAt(noon.Add(time.Minute), ""))
	if _, err := parseToken(testKey, good, noon); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for _, c := range []byte{'A', 'x', '.', '-'} {
			b := []byte(good)
			if b[i] == c {
				continue
			}
			b[i] = c
			if _, err := parseToken(testKey, string(b), noon); err == nil {
				t.Fatalf("byte %d may be changed to %q", i, c)
			}
		}
	}
}
