package goclient

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The frames are held to the lines to which the server's own codec is held: every field of an event arrives.
func TestGolden(t *testing.T) {
	file, err := os.ReadFile("../internal/wire/testdata/golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for line := range strings.Lines(string(file)) {
		f, err := decode([]byte(line))
		if err != nil {
			t.Errorf("%v in %s", err, line)
			continue
		}
		met[f.Type] = true
		var event any
		switch f.Type {
		case "message":
			event = f.message()
		case "change":
			event = f.change()
		default:
			continue
		}
		var want, got map[string]any
		b, err := json.Marshal(event)
		if err != nil || json.Unmarshal(b, &got) != nil || json.Unmarshal([]byte(line), &want) != nil {
			t.Fatalf("%v in %s", err, line)
		}
		delete(want, "type")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("\ngot  %v\nwant %v", got, want)
		}
	}
	for _, typ := range []string{"message", "ack", "change", "skip", "subscribed", "reset", "welcome", "auth", "goodbye", "error"} {
		if !met[typ] {
			t.Errorf("no golden line holds %s", typ)
		}
	}
}

func FuzzDecode(f *testing.F) {
	file, err := os.ReadFile("../internal/wire/testdata/golden.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(file)) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"type":"sung","room":"r","seq":-1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := decode(b)
		if (frame == nil) == (err == nil) {
			t.Fatalf("%+v with %v", frame, err)
		}
		if err == nil && (frame.Type == "" || frame.Seq > maxSeq) {
			t.Fatalf("took %+v", frame)
		}
	})
}
