package goclient_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/goclient"
)

func TestTheTokenIsInTheHeaderAlone(t *testing.T) {
	bubble(t, func(t *testing.T, _ *fake, _ *goclient.Client, p *peer) {
		if p.req.Header.Get("Authorization") != "Bearer token" || strings.Contains(p.req.URL.String(), "token") {
			t.Errorf("%s with %v", p.req.URL, p.req.Header)
		}
		if p.req.URL.Path != "/ws" || p.req.Header.Get("Sec-WebSocket-Protocol") != "parley.v1" {
			t.Errorf("%s with %v", p.req.URL, p.req.Header)
		}
	})
}

// Repeated and missing entries, skips, and types of a newer server.
func TestEntriesComeOnceAndInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, _ *fake, c *goclient.Client, p *peer) {
		s := begun(t, c, p)
		p.say(entry(4))
		p.say(entry(6))
		p.say(entry(6))
		p.say(`{"type":"skip","room":"r","seq":7}`)
		p.say(`{"type":"sung","room":"r","seq":8,"id":"id8","content":{"tune":1}}`)
		p.say(`{"type":"typing","room":"r","user":"bob","user_id":"u2"}`)
		p.say(`{"type":"sung","seq":"high"}`)
		p.say(entry(9))
		if got := heardSeqs(t, s, 2); got != "6 9" {
			t.Errorf("heard %s", got)
		}
		p.say(entry(12)) // 10 and 11 are missing
		m := p.told()
		if got := fmt.Sprint(m["type"], m["rooms"]); got != "subscribe[map[epoch:e1 id:id9 room:r seq:9]]" {
			t.Errorf("told %s", got)
		}
		p.say(entry(13)) // still of the old stream
		p.say(subscribed("subscribed", "e1", 9))
		for seq := 10; seq <= 13; seq++ {
			p.say(entry(seq))
		}
		if got := heardSeqs(t, s, 4); got != "10 11 12 13" {
			t.Errorf("heard %s", got)
		}
		p.say(subscribed("reset", "e2", 3))
		p.say(`{"type":"skip","room":"r","seq":8}`) // the first after a reset may be many
		p.say(entry(9))
		event, err := s.Next(t.Context())
		if r, ok := event.(*goclient.Reset); err != nil || !ok || r.Position != (goclient.Position{Epoch: "e2", Seq: 3, ID: "id3"}) {
			t.Errorf("%+v %v instead of a reset", event, err)
		}
		if got := heardSeqs(t, s, 1); got != "9" || s.Position() != (goclient.Position{Epoch: "e2", Seq: 9, ID: "id9"}) {
			t.Errorf("heard %s and stands at %+v", got, s.Position())
		}
	})
}

// A skip behind the last event belongs to the position, one before the next event, too.
func TestSkipsMoveThePosition(t *testing.T) {
	bubble(t, func(t *testing.T, _ *fake, c *goclient.Client, p *peer) {
		s := begun(t, c, p)
		p.say(`{"type":"skip","room":"r","seq":6}`)
		synctest.Wait()
		if at := s.Position(); at.Seq != 6 || at.ID != "" {
			t.Errorf("stands at %+v", at)
		}
		p.say(entry(7))
		p.say(`{"type":"skip","room":"r","seq":8}`)
		synctest.Wait()
		if at := s.Position(); at.Seq != 6 {
			t.Errorf("stands at %+v before the event was taken", at)
		}
		heardSeqs(t, s, 1)
		if at := s.Position(); at.Seq != 8 {
			t.Errorf("stands at %+v", at)
		}
	})
}

func TestARemovedMemberHearsThatAndNoMore(t *testing.T) {
	bubble(t, func(t *testing.T, _ *fake, c *goclient.Client, p *peer) {
		s := begun(t, c, p)
		p.say(`{"type":"change","room":"r","seq":6,"id":"id6","kind":"member_removed","user":"bob","user_id":"u2","data":{"user":"ann","user_id":"u1"},"timestamp":"2026-01-31T09:30:00.125Z"}`)
		event, err := s.Next(t.Context())
		if change, ok := event.(*goclient.Change); err != nil || !ok || change.Kind != "member_removed" {
			t.Fatalf("%+v %v", event, err)
		}
		if m := p.told(); m["type"] != "subscribe" {
			t.Errorf("told %v", m)
		}
		p.say(`{"type":"error","code":"not_found","message":"there is no such room","ref":"subscribe","room":"r"}`)
		_, err = s.Next(t.Context())
		if e := (*goclient.Error)(nil); !errors.As(err, &e) || e.Code != goclient.CodeNotFound {
			t.Errorf("after the removal: %v", err)
		}
	})
}

// A send is repeated under its id when the server asks for patience, and when the connection is lost.
func TestSendGoesOnUnderItsID(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, c *goclient.Client, p *peer) {
		sent := make(chan error, 1)
		go func() {
			_, err := c.Send(t.Context(), "r", "hello")
			sent <- err
		}()
		first := p.told()
		id := first["client_id"].(string)
		began := time.Now()
		p.say(fmt.Sprintf(`{"type":"error","code":"rate_limited","message":"slow down","ref":%q,"retry_after":7000}`, id))
		if m := p.told(); m["client_id"] != id || time.Since(began) < 7*time.Second {
			t.Errorf("told %v after %s", m, time.Since(began))
		}
		_ = p.nc.Close()
		p = f.next().welcome()
		if m := p.told(); m["client_id"] != id || m["content"] != "hello" {
			t.Errorf("told %v", m)
		}
		p.say(fmt.Sprintf(`{"type":"ack","room":"r","client_id":%q,"id":"id6","seq":6,"n":6,"timestamp":"2026-01-31T09:30:00.125Z"}`, id))
		if err := <-sent; err != nil {
			t.Error(err)
		}
		_ = p.nc.Close()
	})
}

// Whoever gives up before the answer learns that nothing is known, and can ask again.
func TestAnUnansweredSendIsUnknown(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, c *goclient.Client, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		told := make(chan map[string]any, 1)
		go func() { told <- p.told() }()
		_, err := c.Send(ctx, "r", "hello")
		<-told
		unknown := (*goclient.UnknownOutcomeError)(nil)
		if !errors.As(err, &unknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("%v", err)
		}
		done := make(chan error, 1)
		go func() {
			ack, err := c.SendID(t.Context(), "r", "hello", unknown.ClientID)
			if err == nil && ack.Seq != 6 {
				err = fmt.Errorf("acknowledged with %+v", ack)
			}
			done <- err
		}()
		if m := p.told(); m["client_id"] != unknown.ClientID {
			t.Errorf("told %v", m)
		}
		p.say(fmt.Sprintf(`{"type":"ack","room":"r","client_id":%q,"id":"id6","seq":6,"n":6,"timestamp":"2026-01-31T09:30:00.125Z"}`, unknown.ClientID))
		if err := <-done; err != nil {
			t.Error(err)
		}
		// One that may have been stored before, and is refused for its room now, is unknown as well.
		go func() {
			_, err := c.Send(t.Context(), "r", "again")
			done <- err
		}()
		p.told()
		_ = p.nc.Close()
		p = f.next().welcome()
		m := p.told()
		p.say(fmt.Sprintf(`{"type":"error","code":"forbidden","message":"you may not","ref":%q}`, m["client_id"]))
		if err := <-done; !errors.As(err, &unknown) {
			t.Errorf("%v", err)
		}
		_ = p.nc.Close()
	})
}

// The pauses are those of the protocol.
func TestReconnecting(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, _ *goclient.Client, p *peer) {
		after := func(end func(), least, most time.Duration, what string) {
			t.Helper()
			began := time.Now()
			end()
			p = f.next()
			if took := time.Since(began); took < least || took > most {
				t.Errorf("%s: came back after %s", what, took)
			}
		}
		live := func() {
			p.welcome()
			time.Sleep(6 * time.Second)
		}
		after(func() { _ = p.nc.Close() }, 500*time.Millisecond, time.Second, "a cut")
		after(func() { p.answer(503, "text/html", "<h1>later") }, time.Second, 2*time.Second, "a proxy without its server")
		after(func() {
			p.answer(503, "application/problem+json", `{"code":"overloaded","detail":"shutting down","retry_after":9000}`)
		}, 9*time.Second, 9*time.Second, "a hint in a refusal")
		live()
		after(func() { p.say(`{"type":"goodbye","reconnect_after":2310}`); p.close(1001) }, 2310*time.Millisecond, 2310*time.Millisecond, "a goodbye")
		live()
		after(func() { p.close(4005) }, 0, 0, "silence of ours")
		live()
		after(func() { p.close(4004) }, 500*time.Millisecond, time.Second, "too slow")
		_ = p.nc.Close()
		for range 12 {
			p = f.next()
			_ = p.nc.Close()
		}
		after(func() {}, 29*time.Second, 30*time.Second, "the longest pause")
	})
}

// A server that is there by name only is left after half a minute.
func TestASilentServerIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, _ *goclient.Client, p *peer) {
		began := time.Now()
		pinged := make(chan time.Duration, 1)
		go func() {
			for {
				op, _, err := p.read()
				if err != nil {
					return
				}
				if op == 9 {
					pinged <- time.Since(began)
				}
			}
		}()
		next := f.next()
		if d := <-pinged; d != 25*time.Second {
			t.Errorf("asked after %s", d)
		}
		if d := time.Since(began); d < 35*time.Second || d > 37*time.Second {
			t.Errorf("left after %s", d)
		}
		_ = next.nc.Close()
	})
}

// A token that is close to its end is renewed over REST and told in-band.
func TestRenewalBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		began := time.Now()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p := f.next().upgrade()
			p.say(strings.Replace(welcome, `"limits"`, fmt.Sprintf(`"expires_at":%q,"limits"`, began.Add(15*time.Minute).UTC().Format(time.RFC3339)), 1))
			go func() {
				for {
					time.Sleep(20 * time.Second) // as a server does that hears nothing
					p.frame(9, nil)
					if time.Since(began) > 15*time.Minute {
						return
					}
				}
			}()
			rest := make(chan *peer, 1)
			go func() { rest <- f.next() }()
			m := func() map[string]any {
				r := make(chan map[string]any, 1)
				go func() { r <- p.told() }()
				q := <-rest
				if q.req.URL.Path != "/api/auth/refresh" || q.req.Header.Get("Authorization") != "Bearer token" || time.Since(began) != 14*time.Minute {
					t.Errorf("%s after %s", q.req.URL, time.Since(began))
				}
				q.answer(200, "application/json", `{"access_token":"fresh","token_type":"Bearer","expires_in":900}`)
				return <-r
			}()
			if m["type"] != "auth" || m["token"] != "fresh" {
				t.Errorf("told %v", m)
			}
			p.say(`{"type":"auth"}`)
			time.Sleep(2 * time.Minute)
			_ = p.nc.Close()
		}()
		c, err := goclient.Connect(t.Context(), "http://chat.example", f.options())
		if err != nil {
			t.Fatal(err)
		}
		<-ended
		c.Close()
	})
}

// Whatever a server says that is none, the client neither stops nor grows, and says what was wrong.
func TestAServerThatSpeaksGarbage(t *testing.T) {
	for what, c := range map[string]struct {
		say  func(p *peer)
		want string
	}{
		"no HTTP":          {func(p *peer) { _, _ = p.nc.Write([]byte("SSH-2.0-x\r\n\r\n")); _ = p.nc.Close() }, "malformed"},
		"another answer":   {func(p *peer) { p.answer(200, "text/html", "<h1>It works") }, "200"},
		"no welcome":       {func(p *peer) { p.upgrade().say(entry(1)) }, "welcome"},
		"no JSON":          {func(p *peer) { p.upgrade().say("hello") }, "no frame"},
		"an array":         {func(p *peer) { p.upgrade().say("[]") }, "no frame"},
		"no type":          {func(p *peer) { p.upgrade().say("{}") }, "without a type"},
		"binary":           {func(p *peer) { p.upgrade().frame(2, []byte("x")) }, "opcode 2"},
		"not UTF-8":        {func(p *peer) { p.upgrade().frame(1, []byte("\xff")) }, "UTF-8"},
		"a huge claim":     {func(p *peer) { _, _ = p.upgrade().nc.Write([]byte{0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0}) }, "bytes"},
		"a negative claim": {func(p *peer) { _, _ = p.upgrade().nc.Write([]byte{0x81, 127, 255, 0, 0, 0, 0, 0, 0, 0}) }, "bytes"},
		"masked":           {func(p *peer) { _, _ = p.upgrade().nc.Write([]byte{0x81, 0x80, 0, 0, 0, 0}) }, "masked"},
		"a fragment first": {func(p *peer) { p.upgrade().frame(0, []byte("x")) }, "out of order"},
		"a close of one":   {func(p *peer) { p.upgrade().frame(8, []byte("x")) }, "close"},
		"signed out":       {func(p *peer) { p.upgrade().close(4002) }, "signed out"},
		"silence":          {func(*peer) {}, "no answer"},
		"half a handshake": {func(p *peer) { p.upgrade() }, "no answer"},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			var last *peer
			done := make(chan struct{})
			go func() {
				defer close(done)
				last = f.next()
				c.say(last)
			}()
			_, err := goclient.Connect(t.Context(), "http://chat.example", f.options())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", what, err)
			}
			<-done
			_ = last.nc.Close()
		})
	}
}

// A Subscribe that is not answered ends with its context, and leaves nothing.
func TestASubscribeThatIsNotAnswered(t *testing.T) {
	bubble(t, func(t *testing.T, _ *fake, c *goclient.Client, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		asked := make(chan map[string]any, 2)
		go func() { asked <- p.told(); asked <- p.told() }()
		if _, err := c.Subscribe(ctx, "r", goclient.Position{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		<-asked
		if m := <-asked; m["type"] != "unsubscribe" {
			t.Errorf("told %v", m)
		}
		// The late answer belongs to nobody; the next subscribe waits for it, and for its own.
		done := make(chan *goclient.Subscription)
		go func() {
			s, err := c.Subscribe(t.Context(), "r", goclient.Position{})
			if err != nil {
				t.Error(err)
			}
			done <- s
		}()
		p.say(subscribed("subscribed", "e1", 5))
		p.told()
		p.say(subscribed("subscribed", "e1", 6))
		if s := <-done; s.Position().Seq != 6 {
			t.Errorf("began at %+v", s.Position())
		}
	})
}

// A server that reads nothing keeps Close waiting for a second at most.
func TestCloseWhileAWriteWaits(t *testing.T) {
	bubble(t, func(t *testing.T, _ *fake, c *goclient.Client, _ *peer) {
		sent := make(chan error, 1)
		go func() {
			_, err := c.Send(t.Context(), "r", "hello")
			sent <- err
		}()
		synctest.Wait() // the writer waits for the server
		began := time.Now()
		c.Close()
		if took := time.Since(began); took > time.Second {
			t.Errorf("Close took %s", took)
		}
		if unknown := (*goclient.UnknownOutcomeError)(nil); !errors.As(<-sent, &unknown) {
			t.Error("Send knows what nobody knows")
		}
	})
}

// Redirects are not followed, on sockets and over REST: the token would go along. The error says where to.
func TestTheTokenDoesNotFollowARedirect(t *testing.T) {
	for _, to := range []string{"http://evil.example/ws?x=y", "http://chat.example:81/ws", "http://sub.chat.example/ws"} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			go func() {
				p := f.next()
				_, _ = fmt.Fprintf(p.nc, "HTTP/1.1 307 Temporary Redirect\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", to)
				_ = p.nc.Close()
			}()
			_, err := goclient.Connect(t.Context(), "http://chat.example", f.options())
			host := strings.TrimSuffix(strings.TrimSuffix(to, "?x=y"), "/ws")
			if err == nil || !strings.Contains(err.Error(), host+":") || strings.Contains(err.Error(), "x=y") {
				t.Errorf("got %v", err)
			}
			select {
			case p := <-f.conns:
				t.Errorf("%s was asked with %v", p.req.Host, p.req.Header)
				_ = p.nc.Close()
			default:
			}
		})
	}
}

// What a hostile server says into errors and the log is bounded, and is not the token.
func TestAServersWordsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 60_000)
	for what, say := range map[string]func(p *peer){
		"a refusal": func(p *peer) {
			p.answer(403, "application/problem+json", `{"code":"forbidden","detail":"Bearer token`+long+`"}`)
		},
		"a first frame":    func(p *peer) { p.upgrade().say(`{"type":"` + long + `"}`) },
		"a time":           func(p *peer) { p.upgrade().say(`{"type":"welcome","user_id":"u","expires_at":"` + long + `"}`) },
		"a redirect":       func(p *peer) { p.answer(302, "text/html\r\nLocation: http://"+long, "") },
		"a reason":         func(p *peer) { p.upgrade().frame(8, []byte("\x0f\xa3"+long[:120])) },
		"a deep frame":     func(p *peer) { p.upgrade().say(strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000)) },
		"a deep field":     func(p *peer) { p.upgrade().say(`{"type":"welcome","user":` + strings.Repeat("[", 60_000)) },
		"an absurd number": func(p *peer) { p.upgrade().say(`{"type":"message","room":"r","seq":1e99}`) },
		"an absurd hint": func(p *peer) {
			p.answer(503, "application/problem+json", `{"code":"overloaded","retry_after":1e99,"detail":"token"}`)
		},
		"something compress": func(p *peer) { p.upgrade(); _, _ = p.nc.Write([]byte{0xc1, 1, 'x'}) },
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			var last *peer
			done := make(chan struct{})
			go func() {
				defer close(done)
				last = f.next()
				say(last)
			}()
			_, err := goclient.Connect(t.Context(), "http://chat.example", f.options())
			if err == nil || len(err.Error()) > 1500 || strings.Contains(err.Error(), "Bearer token") {
				t.Errorf("%s: %.2000v", what, err)
			}
			<-done
			_ = last.nc.Close()
		})
	}
}

// Whichever of its fields a server makes long, about as much is kept for a slow consumer.
func TestWhatIsKeptIsBounded(t *testing.T) {
	long := strings.Repeat("x", 50_000)
	for _, field := range []string{"user", "user_id", "id", "client_id", "content"} {
		bubble(t, func(t *testing.T, _ *fake, c *goclient.Client, p *peer) {
			begun(t, c, p)
			told := make(chan map[string]any, 1)
			go func() { told <- p.told() }()
			for seq := 6; ; seq++ {
				p.say(fmt.Sprintf(`{"type":"message","room":"r","seq":%d,%q:%q}`, seq, field, long))
				synctest.Wait()
				select {
				case m := <-told:
					if m["type"] != "unsubscribe" {
						t.Errorf("told %v", m)
					}
					return
				default:
				}
				if seq > 40 {
					t.Fatalf("%d messages with a long %s are kept", seq, field)
				}
			}
		})
	}
}
