package rooms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

const (
	maxToken  = 4096                 // bytes
	maxExpiry = 366 * 24 * time.Hour // no honest token is valid longer than this from now
	minKey    = sha256.Size
)

// Why a token is refused. None of them holds a part of the token.
var (
	errNoToken  = errors.New("rooms: a token is needed")
	errBadToken = errors.New("rooms: the token is not valid")
	errExpired  = errors.New("rooms: the token has expired")
)

// TokenAuth returns an Options.Authenticate for JSON Web Tokens signed by HMAC-SHA256 (alg HS256) with one key, as
// SignToken makes them. The claims: sub (User.ID) and exp are required; exp may be at most 366 days away; name is
// User.Name, by default sub; nbf counts if it is there; others are not looked at. A token has at most 4,096 bytes.
//
// The token is taken from Authorization: Bearer, else from ?token=, which is all that a page can set on a WebSocket. URLs
// end up in the logs of proxies, so such tokens should live for minutes.
//
// It panics if the key has less than 32 bytes.
func TokenAuth(key []byte) func(r *http.Request) (User, error) {
	checkKey(key)
	key = append([]byte(nil), key...)
	return func(r *http.Request) (User, error) {
		token, err := tokenOf(r)
		if err != nil {
			return User{}, err
		}
		return parseToken(key, token, time.Now())
	}
}

// SignToken makes a token for TokenAuth. The user must have an ID and Expires, which is rounded down to a second.
// It panics if they are missing or the key has less than 32 bytes.
func SignToken(key []byte, u User) string {
	checkKey(key)
	if u.ID == "" || u.Expires.IsZero() {
		panic("rooms: SignToken needs User.ID and User.Expires")
	}
	body := encodeJSON(struct {
		Sub  string `json:"sub"`
		Name string `json:"name,omitempty"`
		Exp  int64  `json:"exp"`
	}{u.ID, u.Name, u.Expires.Unix()})
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	return signed + "." + base64.RawURLEncoding.EncodeToString(sign(key, signed))
}

func checkKey(key []byte) {
	if len(key) < minKey {
		panic("rooms: the key of tokens must have at least 32 bytes")
	}
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func tokenOf(r *http.Request) (string, error) {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token), nil
	}
	switch given := r.URL.Query()["token"]; {
	case len(given) == 0 || len(given) == 1 && given[0] == "":
		return "", errNoToken
	case len(given) > 1:
		return "", errBadToken
	default:
		return given[0], nil
	}
}

// parseToken verifies the signature before it reads anything else. The key and the algorithm do not depend on the token,
// so neither alg nor kid, jku, jwk or x5u in a header lead anywhere.
func parseToken(key []byte, token string, now time.Time) (User, error) {
	// Decoders of base64 pass over line breaks, which would give one token many forms.
	if len(token) > maxToken || strings.Count(token, ".") != 2 || strings.ContainsAny(token, "\r\n") {
		return User{}, errBadToken
	}
	last := strings.LastIndexByte(token, '.')
	signed, signature := token[:last], token[last+1:]
	strict := base64.RawURLEncoding.Strict()
	mac, err := strict.DecodeString(signature)
	if err != nil || !hmac.Equal(mac, sign(key, signed)) {
		return User{}, errBadToken
	}
	head, body, _ := strings.Cut(signed, ".")
	h, err := part(strict, head, "alg", "crit")
	if err != nil || string(h["alg"]) != `"HS256"` || h["crit"] != nil {
		return User{}, errBadToken
	}
	c, err := part(strict, body, "sub", "name", "exp", "nbf")
	if err != nil {
		return User{}, err
	}
	return userOf(c, now)
}

// part decodes the header or the claims, and returns the fields that have one of the names.
func part(enc *base64.Encoding, text string, names ...string) (map[string]json.RawMessage, error) {
	b, err := enc.DecodeString(text)
	if err != nil || !json.Valid(b) {
		return nil, errBadToken
	}
	f, refused := members(b, "", "", names...)
	if refused != nil {
		return nil, errBadToken
	}
	return f, nil
}

func userOf(c map[string]json.RawMessage, now time.Time) (User, error) {
	exp, ok := seconds(c["exp"])
	if !ok {
		return User{}, errBadToken
	}
	if c["nbf"] != nil {
		if nbf, ok := seconds(c["nbf"]); !ok || now.Before(nbf) {
			return User{}, errBadToken
		}
	}
	if !now.Before(exp) {
		return User{}, errExpired
	}
	if exp.Sub(now) > maxExpiry {
		return User{}, errBadToken
	}
	u := User{Expires: exp}
	var refused *refusal
	if u.ID, refused = text(c["sub"], "sub", maxToken); refused != nil {
		return User{}, errBadToken
	}
	if u.Name, refused = optional(c["name"], "name", maxToken); refused != nil {
		return User{}, errBadToken
	}
	return u, nil
}

// seconds reads a NumericDate: seconds since 1970, perhaps with a fraction, which is cut off.
func seconds(raw json.RawMessage) (time.Time, bool) {
	var f float64
	if raw == nil || json.Unmarshal(raw, &f) != nil || f < 0 || f > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0).UTC(), true
}
