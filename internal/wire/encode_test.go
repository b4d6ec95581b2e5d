package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var noon = Time{time.Date(2026, 1, 31, 12, 0, 0, 7_999_999, time.FixedZone("", 3600))}

const uid = "0190a000-0000-7000-8000-000000000001"

// frames holds each frame at least once in full and once with what can be left out left out.
var frames = []Frame{
	&Message{Room: "general", ID: uid, Seq: 7, N: 5, User: "ann", UserID: "u1", Content: "a <b> & \"c\"\\\n\u2028é\U0001F600",
		Timestamp: noon, ClientID: uid},
	&Message{Room: "general", ID: uid, Seq: 8, N: 6, User: "ann", UserID: "u1", Timestamp: noon, Deleted: true},
	&Message{Room: "general", ID: uid, Seq: 9, N: 7, User: "ann", UserID: "u1", Content: "**a**", HTML: "<p><strong>a</strong></p>", Timestamp: noon},
	&Message{Room: "general", ID: uid, Seq: 10, User: "ann", UserID: "u1", Content: "@bob @room no", Timestamp: noon, Edited: noon, Thread: uid, Quote: uid,
		Mentions: []string{"u2", "u3"}, MentionsAll: "room", Replies: &Replies{Count: 2, LastSeq: 10, Last: noon, Users: []Person{{"u1", "ann"}, {"u2", "<bob>"}}}},
	&Ack{Room: "general", ClientID: uid, ID: uid, Seq: 7, N: 5, Timestamp: noon},
	&Ack{Room: "general", ClientID: uid, ID: uid, Seq: 10, Timestamp: noon, Edited: noon, Content: "@bob @here no", Thread: uid, Mentions: []string{"u2"}, MentionsAll: "here",
		Replies: &Replies{Count: 1, LastSeq: 10, Last: noon, Users: []Person{{"u1", "ann"}}}},
	&Ack{Room: "general", ClientID: uid, ID: uid, Seq: 7, N: 5, Timestamp: noon, Deleted: true},
	&Ack{Room: "general", ClientID: uid, ID: uid, Seq: 9, N: 7, HTML: "<p><strong>a</strong></p>", Timestamp: noon},
	&Change{Room: "general", Seq: 9, ID: uid, Kind: "member_removed", User: "ann", UserID: "u1",
		Data: `{"user":"<bob>","user_id":"u2"}`, Timestamp: noon},
	&Change{Room: "general", Seq: 10, ID: uid, Kind: "edit", Message: uid, User: "ann", UserID: "u1", Timestamp: noon},
	&Skip{Room: "general", Seq: 11},
	&Subscribed{Room: "general", RoomID: uid, Epoch: "e1", Seq: 7, ID: uid, MinSeq: 1},
	&Subscribed{Room: "general", RoomID: uid, Epoch: "e1", MinSeq: 1},
	&Reset{Room: "general", RoomID: uid, Epoch: "e1", Seq: 12000, ID: uid, MinSeq: 1},
	&Typing{Room: "general", User: "ann", UserID: "u1"},
	&StopTyping{Room: "general", User: "ann", UserID: "u1"},
	&Join{Room: "general", User: "ann", UserID: "u1"},
	&Leave{Room: "general", User: "ann", UserID: "u1"},
	&OnlineUsers{Room: "general", Users: []string{"ann", "bob"}, Count: 2},
	&OnlineUsers{Room: "general", Users: []string{}, Count: 4000},
	&PresenceDelta{Room: "general", Joined: []string{"ann"}, Left: []string{}, Count: 101},
	&Read{Room: "general", N: 5, Version: 3},
	&Read{Room: "general", N: 5, Version: 4, Mentions: 2},
	&RoomPrefs{Room: "general", Notify: "nothing", Muted: true},
	&RoomPrefs{Room: "general"},
	&Welcome{Protocol: Protocol, User: "ann", UserID: "u1", Kind: "guest", ExpiresAt: noon, Token: "t", Limits: Limits{8000, 65536, 1000, 200, 64},
		Rooms: []WelcomeRoom{
			{Room: "general", RoomID: uid, Epoch: "e1", Seq: 7, N: 5, ReadN: 4, ReadVersion: 2, Unread: 1, Mentions: 1, Notify: "all", Kind: "public"},
			{Room: "help", RoomID: uid, Epoch: "e2", Muted: true, Kind: "private", Role: "owner", ReadOnly: true, History: "joined", SlowMode: 30, People: []Person{{"u2", "bob"}, {"u3", "cem"}}},
		}},
	&Welcome{Protocol: Protocol, User: "ann", UserID: "u1", Kind: "member", Rooms: []WelcomeRoom{}},
	&AuthOK{ExpiresAt: noon},
	&AuthOK{},
	&UserChanged{UserID: "0190a8c0-2222-7000-8000-000000000001", User: "ann", Display: "Ann <3", Avatar: "api/avatars/0a"},
	&UserChanged{UserID: "0190a8c0-2222-7000-8000-000000000001", User: "ann", Display: "ann"},
	&RoomAdded{Room: "lunch", RoomID: "0190a8c0-2222-7000-8000-000000000001", Topic: "Where to <eat>", Kind: "public"},
	&RoomAdded{Room: "dm-a", RoomID: uid, Kind: "direct", People: []Person{{"u2", "bob"}}},
	&RoomRemoved{Room: "lunch", RoomID: uid},
	&RoomRenamed{RoomID: uid, Room: "dinner", Was: "lunch"},
	&UserChanged{UserID: uid, User: "ann", Display: "ann", Status: &Status{Emoji: "🌴", Text: "On <holiday>", Until: noon}},
	&UserChanged{UserID: uid, User: "ann", Display: "ann", Status: &Status{Text: "Lunch"}},
	&UserChanged{UserID: uid, User: "ann", Display: "ann", Status: &Status{Until: noon}},
	&UserPresence{People: []PersonState{{UserID: uid, State: StateDND}, {UserID: "u1", State: StateOffline, LastSeen: noon}}},
	&UserPresence{People: []PersonState{}},
	&Preferences{Highlights: []string{"deploy", "<b>"}, DND: DND{Until: noon, Schedule: &Hours{"22:00", "07:00", "Europe/London"}}, ShareLastSeen: true},
	&Preferences{Highlights: []string{}, DND: DND{Schedule: &Hours{"22:00", "07:00", "UTC"}}},
	&Announcement{ID: uid, Content: "**Down** at six", HTML: "<p><strong>Down</strong> at six</p>", User: "ann", UserID: "u1", Timestamp: noon, Until: noon},
	&Announcement{ID: uid, Content: "Down at six", User: "ann", UserID: "u1", Timestamp: noon},
	&AnnouncementEnded{ID: uid},
	&ThreadRead{Room: "general", Thread: uid, ReadSeq: 7, Unread: 2},
	&ThreadFollow{Room: "general", Thread: uid, Following: true},
	&Saved{Room: "general", Message: uid},
	&Goodbye{ReconnectAfter: 1234},
	&ErrorFrame{Code: "rate_limited", Message: "slow down", Ref: uid, Room: "general", RetryAfter: 250},
	&ErrorFrame{Code: "invalid", Message: "the frame is not one JSON object"},
}

// standard is what encoding/json makes of f.
func standard(t testing.TB, f Frame) string {
	t.Helper()
	reflect.ValueOf(f).Elem().FieldByName("Type").SetString(f.FrameType())
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// TestGolden holds the frames to testdata/golden.jsonl, which hub/rooms is held to as well. A line there changes
// only with the protocol.
func TestGolden(t *testing.T) {
	file, err := os.ReadFile("testdata/golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	golden := strings.Split(strings.TrimSpace(string(file)), "\n")
	if len(golden) != len(frames) {
		t.Errorf("%d golden lines for %d frames", len(golden), len(frames))
	}
	for i, f := range frames {
		got := string(f.Append([]byte("x")))[1:]
		if i < len(golden) && got != golden[i] {
			t.Errorf("%s is not what it was:\n got %s\nwant %s", f.FrameType(), got, golden[i])
		}
		if want := standard(t, f); got != want {
			t.Errorf("%s differs from encoding/json:\n got %s\nwant %s", f.FrameType(), got, want)
		}
		back := reflect.New(reflect.TypeOf(f).Elem()).Interface()
		if err := json.Unmarshal([]byte(got), back); err != nil {
			t.Errorf("%s does not decode: %v", f.FrameType(), err)
		}
		if again := string(back.(Frame).Append(nil)); again != got {
			t.Errorf("%s is not the same after decoding:\n got %s\nwant %s", f.FrameType(), again, got)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	for _, f := range []Frame{&OnlineUsers{}, &PresenceDelta{}, &Welcome{}} {
		if got := string(f.Append(nil)); strings.Contains(got, "null") {
			t.Errorf("null in %s", got)
		}
	}
}

func TestDataIsAlwaysJSON(t *testing.T) {
	for data, want := range map[Object]string{
		"{ \"a\" : 1 }\n": `"data":{"a":1}`,
		`{"a":`:           `"data":{}`,
		"\x00":            `"data":{}`,
	} {
		got := string((&Change{Data: data}).Append(nil))
		if !json.Valid([]byte(got)) || !strings.Contains(got, want) {
			t.Errorf("data %q: %s, want %s in it", data, got, want)
		}
	}
}

func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", "\x00\x1f\x7f\b\f\n\r\t\"\\/<>&", "\u2028\u2029", "\xff\xc3", "\xed\xa0\x80", "é\U0001F600"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := &Message{Room: s, User: s, Content: s}
		got := m.Append(nil)
		if want := standard(t, m); string(got) != want {
			t.Errorf("%q:\n got %s\nwant %s", s, got, want)
		}
		var back Message
		if err := json.Unmarshal(got, &back); err != nil || !utf8.Valid(got) {
			t.Fatalf("%q: not JSON: %v", s, err)
		}
		if utf8.ValidString(s) && back.Content != s {
			t.Error(cmp.Diff(s, back.Content))
		}
	})
}

func BenchmarkMessage(b *testing.B) {
	m := &Message{Room: "general", ID: uid, Seq: 123456, N: 123450, User: "ann", UserID: uid,
		Content: strings.Repeat("Hello, world! ", 9), Timestamp: noon, ClientID: uid}
	buf := make([]byte, 0, 1024)
	b.SetBytes(int64(len(m.Append(nil))))
	b.ReportAllocs()
	for b.Loop() {
		buf = m.Append(buf[:0])
	}
}

func TestMessageAllocatesNothing(t *testing.T) {
	m := &Message{Room: "general", ID: uid, Content: "Hello \"world\"\n", Timestamp: noon}
	buf := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buf = m.Append(buf[:0]) }); n != 0 {
		t.Errorf("%v allocations for a message", n)
	}
}
