package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/problem"
)

// MaxBody is the largest body of a request, in bytes.
const MaxBody = 64 << 10

// newHuma mounts an API on mux. Of huma's defaults it leaves out the pages it would serve itself (its documentation page
// loads scripts from elsewhere), the field $schema in answers, the refusal of unknown fields, and the error documents,
// which repeat what was sent: a password too.
func newHuma(a *api, mux *http.ServeMux, version string) huma.API {
	config := huma.DefaultConfig("Parley", version)
	config.Info.Description = "Team chat in rooms. What is live goes over WebSockets at /ws and /ws/room/{name}; this API is for everything else."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", "", nil
	config.AllowAdditionalPropertiesByDefault = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT"},
		"cookie": {Type: "apiKey", In: "cookie", Name: "__Host-parley_session", Description: "Over https below a path the name is __Secure-parley_session, over http parley_session."},
	}
	config.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	config.Formats = map[string]huma.Format{"application/json": {Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}}
	config.Formats["json"] = config.Formats["application/json"] // the suffix of problem+json
	config.Transformers = []huma.Transformer{a.transform}
	h := humago.New(mux, config)
	h.UseMiddleware(a.guard)
	return h
}

// unmarshal is json.Unmarshal for what strangers send: it refuses what that would silently repair, and its errors say
// nothing of our types.
func unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	err := json.Unmarshal(data, v)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return fmt.Errorf("not valid JSON at byte %d", syntax.Offset)
	}
	if err != nil {
		return errors.New("a value has the wrong type or is out of range")
	}
	return nil
}

// exchange is one request to the API, with what huma's handlers do not get to see.
type exchange struct {
	w     http.ResponseWriter
	r     *http.Request
	who   auth.Identity // zero on routes that are open to anyone
	broke bool          // the body ended before its end, or could not be read
}

type exchangeKey struct{}

// exchangeOf is the request that ctx belongs to; guard has put it there.
func exchangeOf(ctx context.Context) *exchange {
	e, _ := ctx.Value(exchangeKey{}).(*exchange)
	return e
}

// identity is who asks.
func identity(ctx context.Context) auth.Identity { return exchangeOf(ctx).who }

// exchangeContext gives huma's statuses the numbers that Parley uses, and notices when a body breaks off.
type exchangeContext struct {
	inner
	e *exchange
}

type inner = huma.Context // under a name that its method Context leaves free

func (c exchangeContext) SetStatus(status int) { c.inner.SetStatus(c.e.status(status)) }

// Unwrap lets huma's adapter find its own context.
func (c exchangeContext) Unwrap() huma.Context { return c.inner }

func (c exchangeContext) BodyReader() io.Reader { return bodyReader{c.inner.BodyReader(), c.e} }

type bodyReader struct {
	io.Reader
	e *exchange
}

func (b bodyReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.e.broke = b.e.broke || err != nil && err != io.EOF
	return n, err
}

// status is what huma's status is for Parley. A body that broke off is no fault of the server, as huma has it.
func (e *exchange) status(status int) int {
	if status == http.StatusUnprocessableEntity || status == http.StatusInternalServerError && e.broke {
		return http.StatusBadRequest
	}
	return status
}

// transform turns huma's own errors into problems. Other values pass.
func (a *api) transform(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	e := exchangeOf(ctx.Context())
	status := e.status(m.Status)
	detail := m.Detail
	switch {
	case status == http.StatusBadRequest && e.broke:
		detail = "the body broke off"
	case status == http.StatusRequestEntityTooLarge:
		detail = fmt.Sprintf("the body is larger than %d bytes", MaxBody)
	case status >= 500:
		a.log.ErrorContext(ctx.Context(), "a request failed", "request_id", requestID(ctx.Context()), "err", m.Detail)
		detail = ""
	case len(m.Errors) > 0:
		detail = violations(m.Errors)
	}
	return newProblem(ctx.Context(), status, problem.Code(status), detail), nil
}

// violations names what is wrong with a request, without its values.
func violations(all []*huma.ErrorDetail) string {
	const most = 5
	var parts []string
	for _, e := range all[:min(len(all), most)] {
		parts = append(parts, strings.TrimSpace(e.Location+": "+e.Message))
	}
	return strings.Join(parts, "; ")
}

// guard lets only those in whom the authenticator knows, but for operations open to anyone, and only bodies of JSON.
func (a *api) guard(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	e := &exchange{w: w, r: r}
	if err := a.refusedByHost(ctx.Operation().OperationID); err != nil {
		problemOf(r.Context(), a.log, err).write(w)
		return
	}
	if !openToAnyone[ctx.Operation().OperationID] {
		who, err := a.auth.Request(r)
		if err != nil {
			problemOf(r.Context(), a.log, err).write(w)
			return
		}
		e.who = who
		noteUser(r.Context(), who.User.ID)
	}
	if body := ctx.Operation().RequestBody; body != nil && body.Content["application/json"] != nil {
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
			newProblem(r.Context(), http.StatusUnsupportedMediaType, chat.Invalid, "the header Content-Type must be application/json").write(w)
			return
		}
	}
	bound := answerTime
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		bound = writeTime
	}
	limited, cancel := context.WithTimeout(context.WithValue(r.Context(), exchangeKey{}, e), bound)
	defer cancel()
	next(exchangeContext{huma.WithContext(ctx, limited), e})
}

// register adds an operation whose errors may be any error.
func register[I, O any](a *api, h huma.API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = MaxBody + 1 // huma refuses a body of exactly this size
	if openToAnyone[op.OperationID] {
		op.Security = []map[string][]string{}
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = &huma.Response{
		Description: "What went wrong",
		Content: map[string]*huma.MediaType{"application/problem+json": {
			Schema: h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem"),
		}},
	}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, a.log, err)
		}
		return out, nil
	})
}

// describe returns the OpenAPI document. huma adds its own error types to it even when nothing refers to them.
func describe(h huma.API) ([]byte, error) {
	schemas := h.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	return json.MarshalIndent(h.OpenAPI(), "", "  ")
}

// number is a query parameter of which it matters whether it is there.
type number struct {
	Value uint64
	Given bool
}

// Schema implements huma.SchemaProvider.
func (n number) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[uint64](), false, "")
}

// Receiver implements huma.ParamWrapper.
func (n *number) Receiver() reflect.Value { return reflect.ValueOf(&n.Value).Elem() }

// OnParamSet implements huma.ParamReactor.
func (n *number) OnParamSet(given bool, _ any) { n.Given = given }

// pointer is nil when the parameter was not given.
func (n number) pointer() *uint64 {
	if !n.Given {
		return nil
	}
	return &n.Value
}

// methods lists the routes of the API, in no order.
func methods(h huma.API) []string {
	var all []string
	for path, item := range h.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete} {
			if op != nil {
				all = append(all, method+" "+path)
			}
		}
	}
	return all
}

// byPath orders "METHOD /path".
func byPath(a, b string) int {
	_, pathA, _ := strings.Cut(a, " ")
	_, pathB, _ := strings.Cut(b, " ")
	return strings.Compare(pathA+" "+a, pathB+" "+b)
}
