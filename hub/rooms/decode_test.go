package rooms

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/hub"
)

var cmpAll = cmp.AllowUnexported(command{}, place{}, refusal{})

func TestDecode(t *testing.T) {
	for in, want := range map[string]*command{
		`{"type":"message","content":"hi","room":"general","client_id":"x"}`: {typ: "message", room: "general", content: "hi", clientID: "x"},
		`{"type":"message","content":"","room":null}`:                        {typ: "message"},
		`{"x":{"type":"auth"},"type":"typing","y":[1,[{}]],"Room":"no"}`:     {typ: "typing"},
		`{"\u0074ype":"stop_typing","room":"a"}`:                             {typ: "stop_typing", room: "a"},
		`{"type":"auth","token":"a.b.c"}`:                                    {typ: "auth", token: "a.b.c"},
		`{"type":"unsubscribe","rooms":["a",{"room":"b"}]}`:                  {typ: "unsubscribe", rooms: []place{{room: "a"}, {room: "b"}}},
		`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":0},{"room":"b","epoch":"e","seq":7,"id":"i"}]}`: {typ: "subscribe", rooms: []place{
			{"a", &hub.Position{Epoch: "e"}}, {"b", &hub.Position{Epoch: "e", Seq: 7, ID: "i"}}}},
	} {
		got, refused := decode([]byte(in))
		if refused != nil {
			t.Errorf("%s: %s", in, refused.message)
		} else if d := cmp.Diff(want, got, cmpAll); d != "" {
			t.Errorf("%s: %s", in, d)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	long := strings.Repeat("x", maxFrame)
	for in, want := range map[string]refusal{
		``:                            {message: "the frame is not one JSON object"},
		`{"type":"typing"}{}`:         {message: "the frame is not one JSON object"},
		"{\"type\":\"\xff\"}":         {message: "the frame is not one JSON object"},
		"{\"type\":\"a\x00\"}":        {message: "the frame is not one JSON object"},
		`[]`:                          {message: "the frame must be a JSON object"},
		`null`:                        {message: "the frame must be a JSON object"},
		`{}`:                          {message: "type is missing"},
		`{"type":1}`:                  {message: "type must be a string"},
		`{"type":"welcome"}`:          {message: `type "welcome" is not known`, ref: "welcome"},
		`{"type":"read","n":1}`:       {message: `type "read" is not known`, ref: "read"},
		`{"type":"a","type":"b"}`:     {message: "type is given twice"},
		`{"type":"message"}`:          {message: "content is missing", ref: "message"},
		`{"type":"auth"}`:             {message: "token is missing", ref: "auth"},
		`{"type":"typing","room":[]}`: {message: "room must be a string", ref: "typing"},
		`{"type":"message","client_id":"c","content":5}`:                                        {message: "content must be a string", ref: "c"},
		`{"type":"message","content":"a","client_id":"` + long[:65] + `"}`:                      {message: "client_id is longer than 64 bytes", ref: "message"},
		`{"type":"typing","room":"` + long[:300] + `"}`:                                         {message: "room is longer than 256 bytes", ref: "typing"},
		`{"type":"message","content":"` + long + `"}`:                                           {message: "the frame is not one JSON object"},
		`{"type":"auth","token":"` + long[:maxToken+1] + `"}`:                                   {message: "token is longer than 4096 bytes", ref: "auth"},
		`{"type":"subscribe"}`:                                                                  {message: "rooms is missing", ref: "subscribe"},
		`{"type":"subscribe","rooms":{}}`:                                                       {message: "rooms must be a list", ref: "subscribe"},
		`{"type":"subscribe","rooms":[]}`:                                                       {message: "rooms is empty", ref: "subscribe"},
		`{"type":"subscribe","rooms":["a"` + strings.Repeat(`,"a"`, maxSubscribe) + `]}`:        {message: "rooms has more than 200 entries", ref: "subscribe"},
		`{"type":"subscribe","rooms":["a",null]}`:                                               {message: "rooms[1] must be a JSON object", ref: "subscribe"},
		`{"type":"subscribe","rooms":[{}]}`:                                                     {message: "rooms[0].room is missing", ref: "subscribe"},
		`{"type":"subscribe","rooms":[{"room":"a","room":"b"}]}`:                                {message: "rooms[0].room is given twice", ref: "subscribe"},
		`{"type":"subscribe","rooms":[{"room":"a","seq":1,"id":"i"}]}`:                          {message: "rooms[0].epoch is missing", ref: "subscribe"},
		`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":1}]}`:                       {message: "rooms[0].id is missing", ref: "subscribe"},
		`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":0,"id":"i"}]}`:              {message: "rooms[0].id must be left out where seq is 0", ref: "subscribe"},
		`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":-1,"id":"i"}]}`:             {message: "rooms[0].seq must be a whole number from 0 to 9007199254740991", ref: "subscribe"},
		`{"type":"subscribe","rooms":[{"room":"a","epoch":"e","seq":9007199254740992}]}`:        {message: "rooms[0].seq must be a whole number from 0 to 9007199254740991", ref: "subscribe"},
		`{"type":"typing","x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`: {message: "the frame is not one JSON object"},
	} {
		_, got := decode([]byte(in))
		want.code = codeInvalid
		if d := cmp.Diff(&want, got, cmpAll); d != "" {
			t.Errorf("%.80s: %s", in, d)
		}
	}
}

// FuzzDecode checks that whatever decode takes, encoding/json reads in the same way.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"type":"message","content":"hi","room":"general","client_id":"x"}`, `{"type":"typing"}`, `{}`, `[`, "\x00",
		`{"type":"subscribe","rooms":["a",{"room":"b"},{"room":"c","epoch":"e","seq":7,"id":"i"}]}`, `{"type":"auth","token":"t"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, refused := decode(b)
		if refused != nil {
			if refused.code != codeInvalid || refused.message == "" || !json.Valid(encodeJSON(refused.message)) {
				t.Fatalf("a refusal that says nothing: %+v", refused)
			}
			return
		}
		var all map[string]any
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatalf("taken, but no object: %v", err)
		}
		for name, got := range map[string]string{"type": c.typ, "room": c.room, "content": c.content, "client_id": c.clientID, "token": c.token} {
			if want, _ := all[name].(string); got != "" && got != want {
				t.Errorf("%s is %q, encoding/json reads %q", name, got, want)
			}
		}
		if list, _ := all["rooms"].([]any); len(c.rooms) > 0 && len(list) != len(c.rooms) {
			t.Errorf("%d rooms of %d", len(c.rooms), len(list))
		}
		for _, p := range c.rooms {
			if p.room == "" || p.from != nil && (p.from.Epoch == "" || (p.from.ID == "") != (p.from.Seq == 0)) {
				t.Errorf("half a place: %+v", p)
			}
		}
	})
}
