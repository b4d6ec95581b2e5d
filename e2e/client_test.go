package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/parley-chat/parley/internal/wsclient"
)

// frame is any frame from the server.
type frame struct {
	Type      string `json:"type"`
	Room      string `json:"room"`
	ID        string `json:"id"`
	Seq       uint64 `json:"seq"`
	N         uint64 `json:"n"`
	User      string `json:"user"`
	UserID    string `json:"user_id"`
	Content   string `json:"content"`
	Timestamp string `json:"timestamp"`
	ClientID  string `json:"client_id"`

	Epoch  string `json:"epoch"`
	MinSeq uint64 `json:"min_seq"`

	Users []string `json:"users"`
	Count int      `json:"count"`

	Version   uint64 `json:"version"`
	ExpiresAt string `json:"expires_at"`
	Protocol  string `json:"protocol"`
	Rooms     []struct {
		Room   string `json:"room"`
		Seq    uint64 `json:"seq"`
		Unread uint64 `json:"unread"`
	} `json:"rooms"`

	Code           string `json:"code"`
	Message        string `json:"message"`
	Ref            string `json:"ref"`
	RetryAfter     int64  `json:"retry_after"`
	ReconnectAfter int64  `json:"reconnect_after"`

	raw string
}

// presenceTypes are the frames that come when others come and go, at no particular place between the rest.
var presenceTypes = []string{"join", "leave", "online_users"}

// socket is a plain client: it knows no more than JSON over a WebSocket. Frames about presence are kept apart from the
// others, because they come when they like.
type socket struct {
	t        *testing.T
	conn     *wsclient.Conn
	stream   []frame
	presence []frame
	err      error // what ended the connection
}

// dial opens a socket as a browser would: the token in the query.
func (s *server) dial(t *testing.T, path, token string) *socket {
	t.Helper()
	k, resp, err := s.tryDial(t, path, token, nil)
	if err != nil {
		t.Fatalf("%s: %v %v", path, resp, err)
	}
	return k
}

func (s *server) tryDial(t *testing.T, path, token string, header http.Header) (*socket, *http.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	address := "ws://" + s.addr + path
	if token != "" {
		address += "?token=" + url.QueryEscape(token)
	}
	conn, resp, err := wsclient.Dial(ctx, address, header)
	if err != nil {
		return nil, resp, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &socket{t: t, conn: conn}, resp, nil
}

// enter opens a room's socket and takes the frames that every connection begins with: welcome and subscribed.
func (s *server) enter(t *testing.T, room, token string) *socket {
	t.Helper()
	k := s.dial(t, "/ws/room/"+room, token)
	k.want("welcome")
	if f := k.want("subscribed"); f.Room != room {
		t.Fatalf("subscribed to %q, want %q", f.Room, room)
	}
	return k
}

// send sends v as JSON, or a string as it is.
func (k *socket) send(v any) {
	k.t.Helper()
	text, ok := v.(string)
	if !ok {
		b, err := json.Marshal(v)
		if err != nil {
			k.t.Fatal(err)
		}
		text = string(b)
	}
	if err := k.conn.Send(text); err != nil {
		k.t.Fatal(err)
	}
}

// object is a frame to the server.
type object map[string]any

// receive reads one frame into its queue.
func (k *socket) receive() error {
	if k.err != nil {
		return k.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	op, p, err := k.conn.Read(ctx)
	if err != nil {
		k.err = err
		return err
	}
	f := frame{raw: string(p)}
	if err := json.Unmarshal(p, &f); op != wsclient.Text || err != nil || f.Type == "" {
		k.err = fmt.Errorf("opcode %d with %.200q: %w", op, p, err)
		return k.err
	}
	if slices.Contains(presenceTypes, f.Type) {
		k.presence = append(k.presence, f)
	} else {
		k.stream = append(k.stream, f)
	}
	return nil
}

// next returns the next frame that is not about presence.
func (k *socket) next() frame {
	k.t.Helper()
	for len(k.stream) == 0 {
		if err := k.receive(); err != nil {
			k.t.Fatalf("waiting for a frame: %v", err)
		}
	}
	f := k.stream[0]
	k.stream = k.stream[1:]
	return f
}

// want returns the next frame that is not about presence, which must be of the given type.
func (k *socket) want(typ string) frame {
	k.t.Helper()
	f := k.next()
	if f.Type != typ {
		k.t.Fatalf("got %s, want a frame of type %s", f.raw, typ)
	}
	return f
}

// wantError returns the next frame, which must be an error with this code and ref, and a message for people.
func (k *socket) wantError(code, ref string) frame {
	k.t.Helper()
	f := k.want("error")
	if f.Code != code || f.Ref != ref || f.Message == "" {
		k.t.Errorf("got %s, want code %q and ref %q", f.raw, code, ref)
	}
	return f
}

// wantPresence waits for a frame about presence that fits, and drops those before it.
func (k *socket) wantPresence(what string, fits func(frame) bool) frame {
	k.t.Helper()
	for {
		for len(k.presence) > 0 {
			f := k.presence[0]
			k.presence = k.presence[1:]
			if fits(f) {
				return f
			}
		}
		if err := k.receive(); err != nil {
			k.t.Fatalf("waiting for %s: %v", what, err)
		}
	}
}

// wantOnline waits until the room's list is exactly these names.
func (k *socket) wantOnline(room string, names ...string) {
	k.t.Helper()
	k.wantPresence(fmt.Sprintf("online_users of %s to be %q", room, names), func(f frame) bool {
		if f.Type == "online_users" && f.Count != len(f.Users) {
			k.t.Errorf("count and users disagree: %s", f.raw)
		}
		return f.Type == "online_users" && f.Room == room && slices.Equal(f.Users, names)
	})
}

// wantClose reads on until the server closes, and returns its code. What comes before is kept.
func (k *socket) wantClose() int {
	k.t.Helper()
	for k.receive() == nil {
	}
	code := k.closeCode()
	if code == 0 {
		k.t.Fatalf("the connection ended with %v, want a close frame", k.err)
	}
	return code
}

// closeCode is the code of the close frame that ended the connection, 0 if none did.
func (k *socket) closeCode() int {
	var ce *wsclient.CloseError
	if errors.As(k.err, &ce) {
		return ce.Code
	}
	return 0
}

// alive checks that the connection still serves: a frame that must be refused is refused.
func (k *socket) alive() {
	k.t.Helper()
	ref := newID()
	k.send(object{"type": "message", "room": "never-made-by-anyone", "content": "still here?", "client_id": ref})
	for {
		if f := k.want("error"); f.Ref == ref {
			return
		}
	}
}

// say sends a message with a client id and returns its ack, which must be the next frame.
func (k *socket) say(room, content string) frame {
	k.t.Helper()
	id := newID()
	k.send(object{"type": "message", "room": room, "content": content, "client_id": id})
	f := k.want("ack")
	if f.ClientID != id || f.Room != room {
		k.t.Fatalf("got %s, want the ack of %s", f.raw, id)
	}
	return f
}

func newID() string { return uuid.NewString() }

// utc checks a timestamp: RFC 3339, UTC, near to now.
func utc(t *testing.T, stamp string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil || stamp[len(stamp)-1] != 'Z' || time.Since(at).Abs() > time.Hour {
		t.Errorf("timestamp %q is not RFC 3339 in UTC of just now (%v)", stamp, err)
	}
}

// guest opens a socket as somebody without an account.
func (s *server) guest(t *testing.T, name string) *socket {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, resp, err := wsclient.Dial(ctx, "ws://"+s.addr+"/ws/room/general?username="+url.QueryEscape(name), nil)
	if err != nil {
		t.Fatalf("guest %s: %v %v", name, resp, err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &socket{t: t, conn: conn}
}
