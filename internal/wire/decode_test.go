package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ptr(n uint64) *uint64 { return &n }

func TestDecode(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want Command
	}{
		"message":              {`{"type":"message","room":"general","content":"hi","client_id":"x"}`, &SendMessage{Room: "general", Content: "hi", ClientID: "x"}},
		"without a room":       {`{"type":"message","content":"hi"}`, &SendMessage{Content: "hi"}},
		"escapes":              {`{"type":"message","content":"a\n\u00e9\ud83d\ude00\/\""}`, &SendMessage{Content: "a\né\U0001F600/\""}},
		"half a surrogate":     {`{"type":"message","content":"a\ud83d"}`, &SendMessage{Content: "a\ufffd"}},
		"empty content":        {`{"type":"message","content":""}`, &SendMessage{}},
		"escaped key":          {`{"\u0074ype":"message","content":"hi"}`, &SendMessage{Content: "hi"}},
		"white space":          {"\r\n { \"type\" :\t\"message\" , \"content\" : \"hi\" } \n", &SendMessage{Content: "hi"}},
		"unknown fields":       {`{"x":{"type":"auth"},"type":"message","y":[1,[{}]],"content":"hi","z":-1.5e3,"w":true}`, &SendMessage{Content: "hi"}},
		"unknown field twice":  {`{"type":"typing","x":1,"x":2}`, &StartTyping{}},
		"fields of other case": {`{"type":"message","content":"hi","Content":"ho","ROOM":"x"}`, &SendMessage{Content: "hi"}},
		"null is absent":       {`{"type":"message","room":null,"content":"hi","client_id":null}`, &SendMessage{Content: "hi"}},
		"typing":               {`{"type":"typing","room":"help"}`, &StartTyping{Room: "help"}},
		"stop_typing":          {`{"type":"stop_typing"}`, &EndTyping{}},
		"read":                 {`{"type":"read","room":"help","n":0}`, &MarkRead{Room: "help"}},
		"read with version":    {`{"type":"read","n":9007199254740991,"version":3}`, &MarkRead{N: MaxNumber, Version: ptr(3)}},
		"a reply that quotes":  {`{"type":"message","content":"hi","thread":"t","quote":"q"}`, &SendMessage{Content: "hi", Thread: "t", Quote: "q"}},
		"edit":                 {`{"type":"change","room":"help","kind":"edit","message":"m","data":{"content":"ho","x":[1]}}`, &ChangeMessage{Room: "help", Kind: "edit", Message: "m", Data: ChangeData{Content: "ho"}}},
		"react":                {`{"type":"change","kind":"react","message":"m","data":{"emoji":"\ud83d\ude00","content":null}}`, &ChangeMessage{Kind: "react", Message: "m", Data: ChangeData{Emoji: "\U0001F600"}}},
		"delete":               {`{"type":"change","kind":"delete","message":"m","data":null}`, &ChangeMessage{Kind: "delete", Message: "m"}},
		"auth":                 {`{"type":"auth","token":"a.b.c"}`, &Authenticate{Token: "a.b.c"}},
		"unsubscribe":          {`{"type":"unsubscribe","rooms":[{"room":"a"},"b"]}`, &Unsubscribe{Rooms: []RoomPosition{{Room: "a"}, {Room: "b"}}}},
		"position no id": {`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":7}]}`,
			&Subscribe{Rooms: []RoomPosition{{Room: "a", Position: &Position{Epoch: "e", Seq: 7}}}}},
		"subscribe": {`{"type":"subscribe","rooms":["a",{"room":"b"},{"room":"c","epoch":"e","seq":0},{"room":"d","epoch":"e","seq":7,"id":"i"}]}`,
			&Subscribe{Rooms: []RoomPosition{{Room: "a"}, {Room: "b"}, {Room: "c", Position: &Position{Epoch: "e"}},
				{Room: "d", Position: &Position{Epoch: "e", Seq: 7, ID: "i"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			want := withType(c.want)
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Decode(text)
			if d := cmp.Diff(got, again); d != "" || err != nil {
				t.Errorf("%s does not decode to the same: %v %s", text, err, d)
			}
		})
	}
}

func withType(c Command) Command {
	switch c := c.(type) {
	case *SendMessage:
		c.Type = TypeMessage
	case *Subscribe:
		c.Type = TypeSubscribe
	case *Unsubscribe:
		c.Type = TypeUnsubscribe
	case *StartTyping:
		c.Type = TypeTyping
	case *EndTyping:
		c.Type = TypeStopTyping
	case *MarkRead:
		c.Type = TypeRead
	case *ChangeMessage:
		c.Type = TypeChange
	case *Authenticate:
		c.Type = TypeAuth
	}
	return c
}

func TestDecodeRefuses(t *testing.T) {
	long := strings.Repeat("x", MaxFrame)
	for name, c := range map[string]struct{ in, field, ref, message string }{
		"nothing":              {``, "", "", "the frame is not one JSON object"},
		"no JSON":              {`{"type":"message",`, "", "", "the frame is not one JSON object"},
		"a second value":       {`{"type":"typing"}{"type":"typing"}`, "", "", "the frame is not one JSON object"},
		"trailing text":        {`{"type":"typing"} x`, "", "", "the frame is not one JSON object"},
		"not UTF-8":            {"{\"type\":\"message\",\"content\":\"\xff\"}", "", "", "the frame is not valid UTF-8"},
		"raw control":          {"{\"type\":\"message\",\"content\":\"a\x00b\"}", "", "", "the frame is not one JSON object"},
		"list":                 {`[]`, "", "", "the frame must be a JSON object"},
		"string":               {`"{}"`, "", "", "the frame must be a JSON object"},
		"null":                 {`null`, "", "", "the frame must be a JSON object"},
		"deep":                 {`{"type":"typing","x":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`, "", "", "the frame is nested deeper than 16"},
		"deep and broken":      {strings.Repeat("[", 60000), "", "", "the frame is nested deeper than 16"},
		"too long":             {`{"type":"message","content":"` + long + `"}`, "", "", "the frame is longer than 65536 bytes"},
		"empty object":         {`{}`, "type", "", "type is missing"},
		"type null":            {`{"type":null}`, "type", "", "type is missing"},
		"type number":          {`{"type":1}`, "type", "", "type must be a string"},
		"type empty":           {`{"type":""}`, "type", "", "type is empty"},
		"type long":            {`{"type":"` + long[:40] + `"}`, "type", "", "type is longer than 32 bytes"},
		"type unknown":         {`{"type":"nonsense"}`, "type", "nonsense", `type "nonsense" is not known`},
		"server's type":        {`{"type":"welcome"}`, "type", "welcome", `type "welcome" is not known`},
		"type twice":           {`{"type":"typing","type":"auth"}`, "type", "typing", "type is given twice"},
		"escaped twice":        {`{"type":"message","content":"a","\u0063ontent":"b"}`, "content", "message", "content is given twice"},
		"null and again":       {`{"type":"message","content":null,"content":"b"}`, "content", "message", "content is given twice"},
		"no content":           {`{"type":"message","client_id":"c1"}`, "content", "c1", "content is missing"},
		"content number":       {`{"type":"message","content":5}`, "content", "message", "content must be a string"},
		"content object":       {`{"type":"message","content":{}}`, "content", "message", "content must be a string"},
		"room number":          {`{"type":"message","content":"a","room":["general"]}`, "room", "message", "room must be a string"},
		"room long":            {`{"type":"typing","room":"` + long[:300] + `"}`, "room", "typing", "room is longer than 256 bytes"},
		"client_id number":     {`{"type":"message","content":"a","client_id":7}`, "client_id", "message", "client_id must be a string"},
		"client_id long":       {`{"type":"message","content":"a","client_id":"` + long[:65] + `"}`, "client_id", "message", "client_id is longer than 64 bytes"},
		"read without n":       {`{"type":"read"}`, "n", "read", "n is missing"},
		"read negative":        {`{"type":"read","n":-1}`, "n", "read", "n must be a whole number from 0 to 9007199254740991"},
		"read fraction":        {`{"type":"read","n":1.0}`, "n", "read", "n must be a whole number from 0 to 9007199254740991"},
		"read text":            {`{"type":"read","n":"1"}`, "n", "read", "n must be a whole number from 0 to 9007199254740991"},
		"read too large":       {`{"type":"read","n":9007199254740992}`, "n", "read", "n must be a whole number from 0 to 9007199254740991"},
		"version overflow":     {`{"type":"read","n":1,"version":18446744073709551616}`, "version", "read", "version must be a whole number from 0 to 9007199254740991"},
		"thread number":        {`{"type":"message","content":"a","thread":7}`, "thread", "message", "thread must be a string"},
		"quote long":           {`{"type":"message","content":"a","quote":"` + long[:65] + `"}`, "quote", "message", "quote is longer than 64 bytes"},
		"change of no kind":    {`{"type":"change","message":"m"}`, "kind", "change", "kind is missing"},
		"change of nothing":    {`{"type":"change","kind":"edit"}`, "message", "change", "message is missing"},
		"change kind long":     {`{"type":"change","kind":"` + long[:33] + `","message":"m"}`, "kind", "change", "kind is longer than 32 bytes"},
		"change data":          {`{"type":"change","kind":"edit","message":"m","data":["a"]}`, "data", "change", "data must be an object"},
		"change content":       {`{"type":"change","kind":"edit","message":"m","data":{"content":1}}`, "data.content", "change", "data.content must be a string"},
		"change data twice":    {`{"type":"change","kind":"edit","message":"m","data":{"emoji":"a","emoji":"b"}}`, "data.emoji", "change", "data.emoji is given twice"},
		"large emoji":          {`{"type":"change","kind":"react","message":"m","data":{"emoji":"` + long[:65] + `"}}`, "data.emoji", "change", "data.emoji is longer than 64 bytes"},
		"auth without token":   {`{"type":"auth"}`, "token", "auth", "token is missing"},
		"auth empty":           {`{"type":"auth","token":""}`, "token", "auth", "token is empty"},
		"auth long":            {`{"type":"auth","token":"` + strings.Repeat(".", MaxToken+1) + `"}`, "token", "auth", "token is longer than 8192 bytes"},
		"subscribe no rooms":   {`{"type":"subscribe"}`, "rooms", "subscribe", "rooms is missing"},
		"subscribe empty":      {`{"type":"subscribe","rooms":[]}`, "rooms", "subscribe", "rooms is empty"},
		"subscribe object":     {`{"type":"subscribe","rooms":{}}`, "rooms", "subscribe", "rooms must be a list"},
		"subscribe many":       {`{"type":"subscribe","rooms":["a"` + strings.Repeat(`,"a"`, MaxRooms) + `]}`, "rooms", "subscribe", "rooms has more than 200 entries"},
		"subscribe number":     {`{"type":"subscribe","rooms":["a",1]}`, "rooms[1]", "subscribe", "rooms[1] must be an object or a room's name"},
		"subscribe null":       {`{"type":"subscribe","rooms":[null]}`, "rooms[0]", "subscribe", "rooms[0] must be an object or a room's name"},
		"subscribe no room":    {`{"type":"subscribe","rooms":[{}]}`, "rooms[0].room", "subscribe", "rooms[0].room is missing"},
		"subscribe empty room": {`{"type":"subscribe","rooms":[""]}`, "rooms[0]", "subscribe", "rooms[0] is empty"},
		"position no epoch":    {`{"type":"subscribe","rooms":[{"room":"a","seq":1,"id":"i"}]}`, "rooms[0].epoch", "subscribe", "rooms[0].epoch is missing"},
		"position no seq":      {`{"type":"subscribe","rooms":[{"room":"a","epoch":"e"}]}`, "rooms[0].seq", "subscribe", "rooms[0].seq is missing"},
		"position id at 0":     {`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":0,"id":"i"}]}`, "rooms[0].id", "subscribe", "rooms[0].id must be left out where seq is 0"},
		"position seq text":    {`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":"1","id":"i"}]}`, "rooms[0].seq", "subscribe", "rooms[0].seq must be a whole number from 0 to 9007199254740991"},
		"position twice":       {`{"type":"subscribe","rooms":[{"room":"a","room":"b"}]}`, "rooms[0].room", "subscribe", "rooms[0].room is given twice"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(c.in))
			if got != nil {
				t.Errorf("got %#v besides the error", got)
			}
			want := &Error{CodeInvalid, c.field, c.ref, c.message}
			if d := cmp.Diff(want, err); d != "" {
				t.Error(d)
			}
		})
	}
}

// FuzzDecode checks that whatever Decode takes, encoding/json reads in the same way.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"type":"message","room":"general","content":"a\n\u00e9\ud83d","client_id":"x"}`,
		`{"type":"subscribe","rooms":["a",{"room":"b","epoch":"e","seq":7,"id":"i"}]}`,
		`{"type":"unsubscribe","rooms":[{"room":"a"}]}`, `{"type":"read","n":3,"version":null}`,
		`{"type":"change","kind":"react","message":"m","data":{"emoji":"\ud83d\ude00"}}`, `{"type":"change","kind":"edit","message":"m","data":{}}`,
		`{"type":"auth","token":"t","x":[{"y":[]}]}`, `{"type":"typing"}`, ` {"\u0074ype" : "stop_typing"}`, `{"type"`, `[[[`, "",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Decode(b)
		if err != nil {
			var e *Error
			if got != nil || !errors.As(err, &e) || e.Code != CodeInvalid || e.Message == "" || len(e.Ref) > MaxID || len(e.Message) > 300 {
				t.Fatalf("%#v, %#v", got, err)
			}
			return
		}
		// By map, for keys of other case mean nothing here.
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatalf("taken, but not JSON: %v", err)
		}
		var typ string
		if err := json.Unmarshal(fields["type"], &typ); err != nil || typ != got.CommandType() {
			t.Fatalf("type %q, not %q (%v)", got.CommandType(), typ, err)
		}
		if m, ok := got.(*SendMessage); ok {
			var content string
			if err := json.Unmarshal(fields["content"], &content); err != nil || content != m.Content {
				t.Errorf("content %q, not %q (%v)", m.Content, content, err)
			}
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Decode(text); len(text) <= MaxFrame && (err != nil || cmp.Diff(got, again) != "") {
			t.Errorf("%s: %v, %s", text, err, cmp.Diff(got, again))
		}
	})
}

func BenchmarkDecodeMessage(b *testing.B) {
	in := []byte(`{"type":"message","room":"general","content":"` + strings.Repeat("Hello, world! ", 9) + `","client_id":"` + uid + `"}`)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(in); err != nil {
			b.Fatal(err)
		}
	}
}
