package httpapi

import (
	"net/url"
	"regexp"
	"strings"
)

// maxLogged bounds what strangers can put into one field of the log, in bytes.
const maxLogged = 512

const redacted = "REDACTED"

// secret are query parameters whose values never reach a log, in small letters.
var secret = map[string]bool{
	"token": true, "access_token": true, "refresh_token": true, "id_token": true, "auth": true, "authorization": true,
	"code": true, "key": true, "secret": true, "password": true, "passwd": true, "session": true, "signature": true,
	"invite": true, "setup": true,
}

// signed matches anything with the shape of a signed token, wherever it stands.
var signed = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)*`)

// code matches what has the shape of an invitation's or the set-up link's code, also right after a percent-encoded byte.
var code = regexp.MustCompile(`(?i)[a-z2-7]{26,}`)

// joinPath matches the address of an invitation, wherever the page lies.
var joinPath = regexp.MustCompile(`(?is)(/join/).*`)

// redactPath takes secrets out of a path: with an invitation's code anyone may come in.
func redactPath(path string) string {
	return redactText(joinPath.ReplaceAllString(path, "${1}"+redacted))
}

// redactQuery takes secrets out of a raw query. A part whose name cannot be read loses its value.
func redactQuery(raw string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.ReplaceAll(raw, ";", "&"), "&") {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		name, _, hasValue := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if hasValue && (err != nil || secret[strings.ToLower(strings.TrimSpace(plain))]) {
			b.WriteString(name + "=" + redacted)
			continue
		}
		b.WriteString(part)
	}
	return redactText(b.String())
}

// redactText takes out what looks like a token, also percent-encoded, and cuts what is long.
func redactText(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil && plain != s && signed.MatchString(plain) {
		s = plain
	}
	s = code.ReplaceAllString(signed.ReplaceAllString(s, redacted), redacted)
	if len(s) > maxLogged {
		s = strings.ToValidUTF8(s[:maxLogged], "") + "..."
	}
	return s
}
