package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type commandLine struct {
	Config File  `placeholder:"FILE"`
	Serve  Serve `cmd:"" default:"withargs"`
}

func parseLine(t *testing.T, args ...string) (Serve, error) {
	t.Helper()
	var c commandLine
	k, err := kong.New(&c, Variables(), kong.Name("parley"), kong.Exit(func(int) { t.Error("kong wanted to exit") }))
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(args)
	return c.Serve, err
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	got, err := parseLine(t)
	if err != nil {
		t.Fatal(err)
	}
	here, _ := os.Getwd()
	want := Serve{
		Data: filepath.Join(here, "data"), Registration: "invite", TokenTTL: 15 * time.Minute,
		RateLimits: "on", LogLevel: "info", LogFormat: "text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFlagBeatsAVariableBeatsTheFile(t *testing.T) {
	path := write(t, `{"addr": ":1", "public-url": "https://file.example", "log_level": "debug", "guests": true,
		"allowed_origin": ["https://a.example", "https://b.example"]}`)
	t.Setenv("PARLEY_ADDR", ":2")
	t.Setenv("PARLEY_PUBLIC_URL", "https://env.example")
	got, err := parseLine(t, "serve", "--config", path, "--addr", ":3")
	if err != nil {
		t.Fatal(err)
	}
	if got.Addr != ":3" || got.PublicURL != "https://env.example" || got.LogLevel != "debug" || !got.Guests {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"https://a.example", "https://b.example"}, got.AllowedOrigin); diff != "" {
		t.Error(diff)
	}
}

func TestVariablesAlone(t *testing.T) {
	t.Setenv("PARLEY_CONFIG", write(t, `{"addr": ":7"}`))
	t.Setenv("PARLEY_GUESTS", "true")
	t.Setenv("PARLEY_RATE_LIMITS", "off")
	t.Setenv("PARLEY_ALLOWED_ORIGIN", "https://a.example,https://b.example")
	got, err := parseLine(t)
	if err != nil {
		t.Fatal(err)
	}
	if got.Addr != ":7" || !got.Guests || got.RateLimits != "off" || len(got.AllowedOrigin) != 2 {
		t.Errorf("got %+v", got)
	}
	got, err = parseLine(t, "--config="+write(t, `{"log-format": "json"}`))
	if err != nil || got.Addr != "" || got.LogFormat != "json" {
		t.Errorf("a --config must replace PARLEY_CONFIG; got %+v, %v", got, err)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.json")
	cases := []struct {
		args []string
		want string
	}{
		{[]string{"--addr", "8080"}, "--addr"},
		{[]string{"--addr", ":http-alt"}, "--addr"},
		{[]string{"--addr", ":70000"}, "--addr"},
		{[]string{"--allowed-origin", "chat.example.org"}, "--allowed-origin"},
		{[]string{"--allowed-origin", "https://chat.example.org/app"}, "--allowed-origin"},
		{[]string{"--allowed-origin", "*"}, "--allowed-origin"},
		{[]string{"--public-url", "ftp://chat.example.org"}, "--public-url"},
		{[]string{"--public-url", "https://user:pw@chat.example.org"}, "--public-url"},
		{[]string{"--rate-limits", "maybe"}, "--rate-limits"},
		{[]string{"--log-level", "loud"}, "--log-level"},
		{[]string{"--no-such-flag"}, "--no-such-flag"},
		{[]string{"--config", missing}, "--config"},
		{[]string{"--config", write(t, `{"adr": ":1"}`)}, `no option "adr"`},
		{[]string{"--config", write(t, `{"help": true}`)}, `no option "help"`},
		{[]string{"--config", write(t, `{"addr": 8080}`)}, `"addr" must be a string`},
		{[]string{"--config", write(t, `{"addr": "8080"}`)}, "--addr"},
		{[]string{"--config", write(t, `{"log-level": "loud"}`)}, "--log-level"},
		{[]string{"--config", write(t, `{"log-level": "info", "log_level": "warn"}`)}, "twice"},
		{[]string{"--config", write(t, `[]`)}, "not a JSON object"},
		{[]string{"--config", write(t, `null`)}, "not a JSON object"},
		{[]string{"--config", write(t, ``)}, "not a JSON object"},
	}
	for _, c := range cases {
		_, err := parseLine(t, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got error %v, want one with %q", c.args, err, c.want)
		}
	}
}

func FuzzParseFile(f *testing.F) {
	f.Add([]byte(`{"addr": ":1", "guests": true, "allowed_origin": ["https://a.example"]}`))
	f.Add([]byte(`{"a-b": "x", "a_b": "y"}`))
	f.Add([]byte(`{"addr": {"deep": [1]}}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := parse("fuzz.json", src)
		if (r == nil) == (err == nil) {
			t.Fatalf("got %v and %v", r, err)
		}
	})
}
