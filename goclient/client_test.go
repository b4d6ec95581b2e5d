package goclient_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/goclient"
)

func TestSendAcknowledgesAndEverybodyHearsItOnce(t *testing.T) {
	s := start(t, parley.Config{})
	ann, bob := s.connectAs("ann"), s.connectAs("bob")
	if u := ann.User(); u.Name != "ann" || u.Kind != "member" || u.ID == "" {
		t.Errorf("ann is %+v", u)
	}
	atAnn, atBob := subscribe(t, ann, "general", goclient.Position{}), subscribe(t, bob, "general", goclient.Position{})
	began := atBob.Position()
	if began.Seq != 0 || began.Epoch == "" || atBob.Room() != "general" {
		t.Errorf("the stream of %s began at %+v", atBob.Room(), began)
	}
	ack := say(t, ann, "general", "Hello\r\nBob")
	if ack.Seq != 1 || ack.N != 1 || ack.ID == "" || ack.ClientID == "" || time.Since(ack.Time) > time.Hour {
		t.Errorf("acknowledged with %+v", ack)
	}
	// The sender meets its own message in the stream as everybody else does.
	m := hear(t, atBob)
	want := goclient.Message{
		Room: "general", ID: ack.ID, Seq: 1, N: 1, User: "ann", UserID: ann.User().ID, Content: "Hello\nBob", Time: ack.Time, ClientID: ack.ClientID,
	}
	if !reflect.DeepEqual(*m, want) {
		t.Errorf("bob hears\n%+v, not\n%+v", *m, want)
	}
	if own := hear(t, atAnn); !reflect.DeepEqual(*own, want) {
		t.Errorf("ann hears\n%+v, not\n%+v", *own, want)
	}
	if at := atBob.Position(); at != (goclient.Position{Epoch: began.Epoch, Seq: 1, ID: ack.ID}) {
		t.Errorf("bob stands at %+v", at)
	}
	say(t, bob, "general", "and back")
	if m := hear(t, atAnn); m.Content != "and back" || m.User != "bob" || m.Seq != 2 {
		t.Errorf("ann hears %+v", m)
	}
}

func TestSendNeedsNoSubscription(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	if ack := say(t, ann, "random", "into the void"); ack.Seq != 1 {
		t.Errorf("%+v", ack)
	}
	page, err := ann.History(soon(t), "random", 0, 0)
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Content != "into the void" {
		t.Errorf("%+v %v", page, err)
	}
}

func TestTheSameClientIDIsOneMessage(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	sub := subscribe(t, ann, "general", goclient.Position{})
	id := strings.ToUpper(goclient.NewClientID())
	first, err := ann.SendID(soon(t), "general", "once", id)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ann.SendID(soon(t), "general", "once", id)
	if err != nil || first != second {
		t.Errorf("%+v, then %+v %v", first, second, err)
	}
	elsewhere := s.connectAs("ann")
	_, err = elsewhere.SendID(soon(t), "general", "another text", id)
	if e := (*goclient.Error)(nil); !errors.As(err, &e) || e.Code != goclient.CodeConflict {
		t.Errorf("another text under the same id: %v", err)
	}
	say(t, ann, "general", "after")
	if a, b := hear(t, sub), hear(t, sub); a.Content != "once" || b.Content != "after" {
		t.Errorf("heard %q and %q", a.Content, b.Content)
	}
}

func TestRefusals(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	for what, c := range map[string]struct {
		room, text, id string
		code           goclient.Code
	}{
		"no such room":     {"nowhere", "x", goclient.NewClientID(), goclient.CodeNotFound},
		"no room":          {"", "x", goclient.NewClientID(), goclient.CodeInvalid},
		"blank":            {"general", " \n ", goclient.NewClientID(), goclient.CodeInvalid},
		"control":          {"general", "a\x1b[2J", goclient.NewClientID(), goclient.CodeInvalid},
		"too long":         {"general", strings.Repeat("x", 8001), goclient.NewClientID(), goclient.CodeTooLarge},
		"not UTF-8":        {"general", "\xff", goclient.NewClientID(), goclient.CodeInvalid},
		"not a UUID":       {"general", "x", "7", goclient.CodeInvalid},
		"UUID in brackets": {"general", "x", "{" + goclient.NewClientID() + "}", goclient.CodeInvalid},
	} {
		_, err := ann.SendID(soon(t), c.room, c.text, c.id)
		if e := (*goclient.Error)(nil); !errors.As(err, &e) || e.Code != c.code || e.Message == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := ann.Subscribe(soon(t), "nowhere", goclient.Position{})
	if e := (*goclient.Error)(nil); !errors.As(err, &e) || e.Code != goclient.CodeNotFound {
		t.Errorf("subscribing to no room: %v", err)
	}
	_, err = ann.Subscribe(soon(t), "general", goclient.Position{Seq: 3})
	if e := (*goclient.Error)(nil); !errors.As(err, &e) || e.Code != goclient.CodeInvalid {
		t.Errorf("a position without an epoch: %v", err)
	}
	_, err = ann.History(soon(t), "nowhere", 0, 0)
	if e := (*goclient.Error)(nil); !errors.As(err, &e) || e.Code != goclient.CodeNotFound || e.Status != 404 {
		t.Errorf("the history of no room: %v", err)
	}
	if _, err = ann.History(soon(t), "general", 0, 51); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("51 messages: %v", err)
	}
}

// A frame above the server's limit would end the connection for every room.
func TestALongTextIsRefusedAndNotFatal(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	sub := subscribe(t, ann, "general", goclient.Position{})
	_, err := ann.Send(soon(t), "general", strings.Repeat("x", 100_000))
	if e := (*goclient.Error)(nil); !errors.As(err, &e) || e.Code != goclient.CodeTooLarge {
		t.Errorf("100,000 characters: %v", err)
	}
	longest := strings.Repeat("\U0001F600", 8000)
	say(t, ann, "general", longest)
	if m := hear(t, sub); m.Content != longest {
		t.Errorf("%d bytes came back", len(m.Content))
	}
}

func TestOneSubscriptionForARoom(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	sub := subscribe(t, ann, "general", goclient.Position{})
	if _, err := ann.Subscribe(soon(t), "general", goclient.Position{}); !errors.Is(err, goclient.ErrSubscribed) {
		t.Errorf("a second one: %v", err)
	}
	say(t, ann, "general", "not read")
	sub.Close()
	sub.Close()
	if _, err := sub.Next(soon(t)); !errors.Is(err, goclient.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	say(t, ann, "general", "meanwhile")
	again := subscribe(t, ann, "general", sub.Position())
	if a, b := hear(t, again), hear(t, again); a.Content != "not read" || b.Content != "meanwhile" {
		t.Errorf("heard %q and %q", a.Content, b.Content)
	}
}

func TestHistoryMeetsTheStream(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	for _, text := range []string{"1", "2", "3", "4"} {
		say(t, ann, "general", text)
	}
	page, err := ann.History(soon(t), "general", 0, 3)
	if err != nil || len(page.Messages) != 3 || page.Messages[0].Content != "2" || !page.More {
		t.Fatalf("%+v %v", page, err)
	}
	older, err := ann.History(soon(t), "general", page.Messages[0].Seq, 3)
	if err != nil || len(older.Messages) != 1 || older.Messages[0].Content != "1" || older.More {
		t.Errorf("%+v %v", older, err)
	}
	say(t, ann, "general", "5")
	sub := subscribe(t, ann, "general", page.Position)
	if m := hear(t, sub); m.Content != "5" {
		t.Errorf("after the page comes %q", m.Content)
	}
	if page.Position.ID != page.Messages[2].ID {
		t.Errorf("the page stands at %+v", page.Position)
	}
}

func TestAPositionOfAnotherHistoryIsReset(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	ack := say(t, ann, "general", "old")
	sub := subscribe(t, ann, "general", goclient.Position{Epoch: "another", Seq: 1, ID: ack.ID})
	event, err := sub.Next(soon(t))
	reset, ok := event.(*goclient.Reset)
	if err != nil || !ok || reset.Room != "general" || reset.Position.Seq != 1 || reset.Position != sub.Position() {
		t.Fatalf("%+v %v", event, err)
	}
	say(t, ann, "general", "new")
	if m := hear(t, sub); m.Content != "new" {
		t.Errorf("after the reset comes %q", m.Content)
	}
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	s := start(t, parley.Config{})
	token := s.token("ann", time.Hour)
	for url, text := range map[string]string{
		"chat.example.org":    "is not a URL",
		"ws://127.0.0.1":      "is not a URL",
		"http://a:b@x":        "is not a URL",
		"http://x/?token=y":   "is not a URL",
		s.base + "/elsewhere": "nothing at this path",
	} {
		if _, err := goclient.Connect(soon(t), url, goclient.Options{Token: token}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := goclient.Connect(soon(t), s.base, goclient.Options{}); err == nil {
		t.Error("no token is needed")
	}
	for _, token := range []string{"nonsense", token + "x"} {
		_, err := goclient.Connect(soon(t), s.base, goclient.Options{Token: token})
		if e := (*goclient.Error)(nil); !errors.Is(err, goclient.ErrSignedOut) || !errors.As(err, &e) || e.Status != 401 {
			t.Errorf("a wrong token: %v", err)
		}
	}
	broken := errors.New("no token today")
	_, err := goclient.Connect(soon(t), s.base, goclient.Options{TokenFunc: func(context.Context) (string, error) { return "", broken }})
	if !errors.Is(err, broken) {
		t.Errorf("a TokenFunc that fails: %v", err)
	}
	base := s.base
	s.stop()
	if _, err := goclient.Connect(soon(t), base, goclient.Options{Token: token}); err == nil || errors.Is(err, goclient.ErrSignedOut) {
		t.Errorf("a server that is down: %v", err)
	}
}
