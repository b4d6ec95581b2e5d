package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/wsclient"
)

// requestTime is how long a request may take before its outcome counts as unknown.
const requestTime = 6 * time.Second

// maxBody bounds an answer, in bytes.
const maxBody = 8 << 20

// object is JSON on its way to the server.
type object map[string]any

// frame is any frame from the server, and any answer over REST that has a frame's fields.
type frame struct {
	Type     string   `json:"type"`
	Room     string   `json:"room"`
	ID       string   `json:"id"`
	Seq      uint64   `json:"seq"`
	N        uint64   `json:"n"`
	User     string   `json:"user"`
	UserID   string   `json:"user_id"`
	Content  string   `json:"content"`
	ClientID string   `json:"client_id"`
	Kind     string   `json:"kind"`
	Epoch    string   `json:"epoch"`
	Users    []string `json:"users"`
	Version  uint64   `json:"version"`
	Rooms    []room   `json:"rooms"`
	Code     string   `json:"code"`
	Ref      string   `json:"ref"`
	Data     struct {
		User string `json:"user"`
	} `json:"data"`
	Reactions []struct {
		Emoji string `json:"emoji"`
		Users []struct {
			Name string `json:"name"`
		} `json:"users"`
	} `json:"reactions"`
	RetryAfter     int64 `json:"retry_after"`
	ReconnectAfter int64 `json:"reconnect_after"`
}

// room is a room as welcome and /api/rooms tell of it.
type room struct {
	Room        string `json:"room"`
	Name        string `json:"name"`
	Epoch       string `json:"epoch"`
	Seq         uint64 `json:"seq"`
	N           uint64 `json:"n"`
	ReadN       uint64 `json:"read_n"`
	ReadVersion uint64 `json:"read_version"`
	Unread      uint64 `json:"unread"`
}

// page is a piece of a room's history.
type page struct {
	Messages []frame `json:"messages"`
	HasMore  bool    `json:"has_more"`
	Epoch    string  `json:"epoch"`
	AsOf     uint64  `json:"as_of"`
}

// api is the REST side of a server.
type api struct {
	root string
	http *http.Client
}

func newAPI(addr string) *api {
	return &api{"http://" + addr, &http.Client{Timeout: requestTime, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}}
}

func (a *api) close() { a.http.CloseIdleConnections() }

// call sends one request and reads the answer into out if its status is 200 or 201. The error is of the network: the request
// may or may not have done its work.
func (a *api) call(ctx context.Context, method, path, token string, body any, out any, header ...string) (status int, f frame, err error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, f, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.root+path, in)
	if err != nil {
		return 0, f, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return 0, f, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return 0, f, err
	}
	if good := resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusCreated; good && out != nil {
		err = json.Unmarshal(b, out)
	} else if len(b) > 0 {
		err = json.Unmarshal(b, &f)
	}
	if err != nil {
		err = fmt.Errorf("%s %s answered %d %.200q: %w", method, path, resp.StatusCode, b, err)
	}
	return resp.StatusCode, f, err
}

// list is the rooms of a person.
func (a *api) list(ctx context.Context, who *person) ([]room, error) {
	var list struct {
		Rooms []room `json:"rooms"`
	}
	if status, _, err := a.call(ctx, http.MethodGet, "/api/rooms", who.token, nil, &list); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("%d %w", status, err)
	}
	return list.Rooms, nil
}

// after reads a page of the messages behind seq.
func (a *api) after(ctx context.Context, token, name string, seq uint64, limit int) (p page, status int, err error) {
	path := fmt.Sprintf("/api/messages?room=%s&after=%d&limit=%d", url.QueryEscape(name), seq, limit)
	status, _, err = a.call(ctx, http.MethodGet, path, token, nil, &p)
	return p, status, err
}

// entryOf is the record of a message.
func entryOf(f *frame, form string) history.Op {
	return history.Op{
		Op: history.Entry, Form: form, Room: f.Room, Seq: f.Seq, N: f.N, ID: f.ID, ClientID: f.ClientID, User: f.User, Hash: history.Hash(f.Content),
	}
}

// dialSocket opens a socket with the token in the query, as a browser would. status is 0 when there was no
// answer.
func dialSocket(ctx context.Context, d *wsclient.Dialer, addr, path, token string) (conn *wsclient.Conn, status int, err error) {
	conn, resp, err := d.Dial(ctx, "ws://"+addr+path+"?token="+url.QueryEscape(token), nil)
	if resp != nil {
		status = resp.StatusCode
		_ = resp.Body.Close()
	}
	return conn, status, err
}
