package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

func TestWhatIsWritten(t *testing.T) {
	for _, c := range []struct {
		err        error
		status     int
		body       string
		auth, when string
	}{
		{chat.Errorf(chat.NotFound, "op", "there is no such room"), 404, `{"type":"about:blank","title":"Not Found","status":404,"detail":"there is no such room","code":"not_found","request_id":"id-1"}`, "", ""},
		{fmt.Errorf("wrapped: %w", chat.Errorf(chat.Unauthenticated, "op", "a token is needed")), http.StatusUnauthorized, `{"type":"about:blank","title":"` + http.StatusText(http.StatusUnauthorized) + `","status":401,"detail":"a token is needed","code":"unauthenticated","request_id":"id-1"}`, "Bearer", ""},
		{&chat.Error{Code: chat.RateLimited, Message: "too many", RetryAfter: 1500*time.Millisecond + 1}, 429, `{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"too many","code":"rate_limited","retry_after":1501,"request_id":"id-1"}`, "", "2"},
		{errors.New("disk on fire at /var/lib/parley"), 500, `{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"something went wrong on the server","code":"internal","request_id":"id-1"}`, "", ""},
		{chat.Errorf("unheard-of", "op", "x"), 500, `{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"x","code":"unheard-of","request_id":"id-1"}`, "", ""},
	} {
		w := httptest.NewRecorder()
		w.Header().Set(IDHeader, "id-1")
		w.Header().Set("Content-Length", "7")
		Of(c.err).Write(w)
		h := w.Header()
		if w.Code != c.status || h.Get("WWW-Authenticate") != c.auth || h.Get("Retry-After") != c.when || h.Get("Content-Type") != ContentType || h.Get("Cache-Control") != "no-store" || h.Get("Content-Length") != "" {
			t.Errorf("%v: %d %v", c.err, w.Code, h)
		}
		if diff := cmp.Diff(c.body+"\n", w.Body.String()); diff != "" {
			t.Errorf("%v: %s", c.err, diff)
		}
	}
}

func TestEveryCodeHasItsStatus(t *testing.T) {
	for code, status := range Statuses() {
		p := Of(chat.Errorf(code, "op", "x"))
		if p.Status != status || p.Code != string(code) || p.Title == "" {
			t.Errorf("%s: %v", code, p)
		}
	}
	if len(Statuses()) != 10 {
		t.Errorf("%d codes have a status", len(Statuses()))
	}
	for status, want := range map[int]chat.Code{400: chat.Invalid, 404: chat.NotFound, 413: chat.TooLarge, 415: chat.Invalid, 426: chat.Invalid, 500: chat.Internal, 505: chat.Invalid} {
		if got := Code(status); got != want {
			t.Errorf("%d is %s", status, got)
		}
	}
}

func TestAnswersWithoutAnID(t *testing.T) {
	w := httptest.NewRecorder()
	New(426, chat.Invalid, "").Write(w)
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || m["request_id"] != nil || m["detail"] != "Upgrade Required" {
		t.Errorf("%v %v", m, err)
	}
}
