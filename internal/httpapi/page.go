package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/parley-chat/parley/internal/chat"
)

// pagePaths are the addresses of the web client. It draws each of them itself from the one index.html.
var pagePaths = []string{
	"GET /{$}", "GET /signin", "GET /setup", "GET /join/{code}", "GET /guest", "GET /rooms/{name}", "GET /rooms/{name}/{message}", "GET /catchup", "GET /settings", "GET /settings/{tab}",
}

// pagePolicy lets the page load from its own origin alone, run no code and take no style that stands in the HTML, and talk
// to nobody else; pagePermissions takes from it what a browser would let it ask for.
const (
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
	pagePermissions = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), " +
		"hid=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), " +
		"publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(self)"
)

// minGzip is the size in bytes from which on text is worth compressing.
const minGzip = 1 << 10

// asset is one file of the page as it is sent. It never changes while the server runs.
type asset struct {
	contentType  string
	cacheControl string
	body         []byte
	// zipped compresses the body when it is first asked for, so that a start does not wait for it, and returns nil if that
	// gains nothing; the func itself is nil for what is compressed already or small.
	zipped func() []byte
	tag    string // of body, without quotes
}

// page is the web client: its files, all in memory.
type page struct {
	index  *asset
	assets map[string]*asset // by path, such as "assets/index-abc.js"; without index.html
}

// loadPage reads a built web client: index.html, and hashed files under assets. base is where the page lies from the
// browser's view, such as "/" or "/chat/".
func loadPage(dist fs.FS, base string) (*page, error) {
	p := &page{assets: map[string]*asset{}}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		if name != "index.html" {
			p.assets[name] = newAsset(name, body)
			return nil
		}
		if body, err = withBase(body, base); err == nil {
			p.index = newAsset(name, body)
		}
		return err
	})
	if err == nil && p.index == nil {
		err = errors.New("there is no index.html")
	}
	if err != nil {
		return nil, fmt.Errorf("httpapi: the page: %w", err)
	}
	return p, nil
}

var (
	baseElement = regexp.MustCompile(`(?i)<base\b[^>]*>`)
	headElement = regexp.MustCompile(`(?i)<head\b[^>]*>`)
)

// withBase makes every relative address of the page begin at base, whatever path it is shown at.
func withBase(index []byte, base string) ([]byte, error) {
	index = baseElement.ReplaceAllLiteral(index, nil)
	at := headElement.FindIndex(index)
	if at == nil {
		return nil, errors.New("index.html has no <head>")
	}
	element := `<base href="` + html.EscapeString(base) + `">`
	return bytes.Join([][]byte{index[:at[1]], []byte(element), index[at[1]:]}, nil), nil
}

// contentTypes are those of what a build contains. Go's own table depends on the machine.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
	".map": "application/json", ".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon", ".webp": "image/webp", ".jpg": "image/jpeg",
}

// notText are the kinds that are compressed already.
var notText = regexp.MustCompile(`^(font/woff2|image/(png|webp|jpeg|x-icon)|application/octet-stream)`)

func newAsset(name string, body []byte) *asset {
	a := &asset{contentType: contentTypes[path.Ext(name)], body: body, cacheControl: "no-cache"}
	if a.contentType == "" {
		a.contentType = "application/octet-stream"
	}
	if strings.HasPrefix(name, "assets/") {
		a.cacheControl = "public, max-age=31536000, immutable" // its name has a hash of what is in it
	}
	sum := sha256.Sum256(body)
	a.tag = hex.EncodeToString(sum[:12])
	if len(body) >= minGzip && !notText.MatchString(a.contentType) {
		a.zipped = sync.OnceValue(func() []byte { return compress(body) })
	}
	return a
}

// compress returns nil if the result is not smaller.
func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one there is
	_, _ = w.Write(body)                                  // a Buffer takes everything
	_ = w.Close()
	if b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

// ServeHTTP answers GET and HEAD.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", a.cacheControl)
	body, tag := a.body, `"`+a.tag+`"`
	if a.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Values("Accept-Encoding")) {
			if zipped := a.zipped(); zipped != nil {
				h.Set("Content-Encoding", "gzip")
				body, tag = zipped, `"`+a.tag+`-gz"`
			}
		}
	}
	h.Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that has gone needs no answer
	}
}

// matches reports whether If-None-Match names tag.
func matches(values []string, tag string) bool {
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if element = strings.TrimSpace(element); element == "*" || strings.TrimPrefix(element, "W/") == tag {
			return true
		}
	}
	return false
}

// takesGzip reads Accept-Encoding: gzip must be named, or *, and not with q=0. What cannot be read does not count.
func takesGzip(values []string) bool {
	anything := false
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, params, err := mime.ParseMediaType(element)
		if err != nil {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		wanted := params["q"] == "" || err == nil && q > 0
		switch coding {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			anything = wanted
		}
	}
	return anything
}

// serveIndex answers with the page at whatever path it was asked.
func (p *page) serveIndex(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Permissions-Policy", pagePermissions)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	p.index.ServeHTTP(w, r)
}

// serveAsset answers with a file of the build, by its exact path. Nothing on a disk is looked at.
func (p *page) serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := p.assets[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		newProblem(r.Context(), http.StatusNotFound, chat.NotFound, "there is no such file").write(w)
		return
	}
	a.ServeHTTP(w, r)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// openPage adds the page's paths by open. A file that no address can name is an error.
func openPage(dist fs.FS, base string, open func(pattern string, handler http.HandlerFunc)) error {
	p, err := loadPage(dist, base)
	if err != nil {
		return err
	}
	for _, pattern := range pagePaths {
		open(pattern, p.serveIndex)
	}
	open("GET /assets/{file...}", p.serveAsset)
	for name := range p.assets {
		switch {
		case strings.HasPrefix(name, "assets/"):
		case plainName.MatchString(name):
			open("GET /"+name, p.serveAsset)
		default:
			return fmt.Errorf("httpapi: the page: %q lies neither in assets nor beside index.html", name)
		}
	}
	return nil
}
