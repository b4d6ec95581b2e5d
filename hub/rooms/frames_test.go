package rooms

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestGolden holds the frames to the lines to which the server's own codec is held. They decode into the structs of this
// package with no field unknown, and come out as the same bytes.
func TestGolden(t *testing.T) {
	file, err := os.ReadFile("../../internal/wire/testdata/golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	make := map[string]func() any{
		"message":    func() any { return &messageFrame{} },
		"ack":        func() any { return &ackFrame{} },
		"skip":       func() any { return &skipFrame{} },
		"subscribed": func() any { return &beginFrame{} }, "reset": func() any { return &beginFrame{} },
		"typing": func() any { return &personFrame{} }, "stop_typing": func() any { return &personFrame{} },
		"join": func() any { return &personFrame{} }, "leave": func() any { return &personFrame{} },
		"online_users":   func() any { return &onlineFrame{} },
		"presence_delta": func() any { return &deltaFrame{} },
		"welcome":        func() any { return &welcomeFrame{} },
		"auth":           func() any { return &authFrame{} },
		"goodbye":        func() any { return &goodbyeFrame{} },
		"error":          func() any { return &errorFrame{} },
	}
	// What only the server has: nothing is changed, deleted, rendered or marked as read here, nobody makes rooms or has
	// a role in them, and there are no guests.
	elsewhere := map[string]bool{"change": true, "read": true, "room_prefs": true, "room_added": true, "room_removed": true, "room_renamed": true, "user_changed": true, "thread_read": true, "thread_follow": true, "saved": true, "user_presence": true, "preferences": true, "announcement": true, "announcement_ended": true}
	without := strings.NewReplacer(`,"deleted":true`, "", `,"html":"<p><strong>a</strong></p>"`, "", `,"token":"t"`, "",
		`,"mentions":1,"notify":"all"`, "", `,"muted":true`, "",
		`,"role":"owner","read_only":true,"history":"joined","slow_mode":30,"people":[{"id":"u2","name":"bob"},{"id":"u3","name":"cem"}]`, "")
	met := map[string]bool{}
	for line := range strings.Lines(string(file)) {
		line = without.Replace(strings.TrimSpace(line))
		var head struct{ Type string }
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if elsewhere[head.Type] || strings.Contains(line, `"edited":`) {
			continue
		}
		fresh := make[head.Type]
		if fresh == nil {
			t.Errorf("this package has no frame %q: %s", head.Type, line)
			continue
		}
		met[head.Type] = true
		frame := fresh()
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(frame); err != nil {
			t.Errorf("%v in %s", err, line)
		}
		if got := string(encodeJSON(frame)); got != line {
			t.Errorf("%s differs:\n got %s\nwant %s", head.Type, got, line)
		}
	}
	for typ := range make {
		if !met[typ] {
			t.Errorf("no golden line holds %s", typ)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	for _, f := range []any{onlineFrame{Users: names(nil, 0)}, deltaFrame{Joined: names(nil, 100), Left: names(nil, 100)}} {
		if got := encodeJSON(f); bytes.Contains(got, []byte("null")) {
			t.Errorf("null in %s", got)
		}
	}
}
