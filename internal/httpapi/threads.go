package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) threadRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "follow-thread", Method: http.MethodPut, Path: "/api/rooms/{name}/messages/{id}/following", Tags: []string{"threads"},
		Summary:     "Follow the thread below a message, or do not any more",
		Description: "Who has replied follows anyway, and so does who wrote the message; what is said here holds until I reply.",
	}, a.followThread)
	register(a, h, huma.Operation{
		OperationID: "read-thread", Method: http.MethodPost, Path: "/api/rooms/{name}/messages/{id}/read", Tags: []string{"threads"},
		Summary: "Move my cursor in the thread below a message", Description: "Forward only.",
	}, a.readThread)
	register(a, h, huma.Operation{
		OperationID: "list-threads", Method: http.MethodGet, Path: "/api/threads", Tags: []string{"threads"},
		Summary: "The threads that I follow, of all rooms, the one with the newest reply first",
	}, a.listThreads)
	register(a, h, huma.Operation{
		OperationID: "count-unread-threads", Method: http.MethodGet, Path: "/api/threads/unread", Tags: []string{"threads"},
		Summary: "What I have not read of the threads that I follow",
	}, a.unreadThreads)
	register(a, h, huma.Operation{
		OperationID: "save-message", Method: http.MethodPut, Path: "/api/rooms/{name}/messages/{id}/saved", Tags: []string{"messages"},
		Summary: "Save a message for later", DefaultStatus: http.StatusNoContent,
	}, a.saveMessage(true))
	register(a, h, huma.Operation{
		OperationID: "unsave-message", Method: http.MethodDelete, Path: "/api/rooms/{name}/messages/{id}/saved", Tags: []string{"messages"},
		Summary: "Do not save a message any more", DefaultStatus: http.StatusNoContent,
	}, a.saveMessage(false))
	register(a, h, huma.Operation{
		OperationID: "list-saved", Method: http.MethodGet, Path: "/api/saved", Tags: []string{"messages"},
		Summary: "What I have saved for later and may see now, the newest first",
	}, a.listSaved)
}

type followRequest struct {
	MessagePath
	Body struct {
		Following bool `json:"following"`
	}
}

type followAnswer struct {
	Body struct {
		Following bool `json:"following"`
	}
}

func (a *api) followThread(ctx context.Context, in *followRequest) (*followAnswer, error) {
	by := identity(ctx).User.Actor()
	o := chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.Follow(by, in.Name, in.ID, in.Body.Following, done) })
	out := &followAnswer{}
	out.Body.Following = o.Mark.On
	return out, o.Err
}

type readThreadRequest struct {
	MessagePath
	Body struct {
		Seq uint64 `json:"seq" doc:"Replies up to this sequence number are read."`
	}
}

type readThreadAnswer struct {
	Body struct {
		ReadSeq uint64 `json:"read_seq"`
		Unread  uint64 `json:"unread" doc:"Replies of others after that which are not deleted."`
	}
}

func (a *api) readThread(ctx context.Context, in *readThreadRequest) (*readThreadAnswer, error) {
	by := identity(ctx).User.Actor()
	o := chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.ReadThread(by, in.Name, in.ID, in.Body.Seq, done) })
	out := &readThreadAnswer{}
	out.Body.ReadSeq, out.Body.Unread = o.Mark.Seq, o.Mark.Unread
	return out, o.Err
}

func (a *api) saveMessage(saved bool) func(context.Context, *MessagePath) (*struct{}, error) {
	return func(ctx context.Context, in *MessagePath) (*struct{}, error) {
		by := identity(ctx).User.Actor()
		o := chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.Save(by, in.Name, in.ID, saved, done) })
		return nil, o.Err
	}
}

// thread is a thread as the one who asks sees it.
type thread struct {
	Room      string  `json:"room"`
	Root      message `json:"root"`
	ReadSeq   uint64  `json:"read_seq"`
	Unread    uint64  `json:"unread"`
	Mentions  uint64  `json:"mentions" doc:"Of those that are unread, how many mention me."`
	Following bool    `json:"following"`
}

type threadsRequest struct {
	Unread bool   `query:"unread" doc:"Only those with something unread."`
	Before number `query:"before" doc:"The next of the page before this one."`
}

type threadsAnswer struct {
	Body struct {
		Threads     []thread `json:"threads"`
		UnreadTotal uint64   `json:"unread_total" doc:"How many threads that I follow have something unread, on whichever page."`
		Next        uint64   `json:"next,omitempty" doc:"To give as before; none when nothing is left."`
	}
}

func (a *api) listThreads(ctx context.Context, in *threadsRequest) (*threadsAnswer, error) {
	before, err := in.Before.place()
	if err != nil {
		return nil, err
	}
	by := identity(ctx).User.Actor()
	list, err := a.chat.Threads(ctx, by, in.Unread, before)
	if err != nil {
		return nil, err
	}
	out := &threadsAnswer{}
	out.Body.Threads = make([]thread, 0, len(list.Threads))
	for i := range list.Threads {
		t := &list.Threads[i]
		out.Body.Threads = append(out.Body.Threads, thread{
			Room: t.Root.RoomName, Root: newMessage(&t.Root), ReadSeq: t.ReadSeq, Unread: t.Unread, Mentions: t.Mentions, Following: t.Following,
		})
	}
	out.Body.UnreadTotal, out.Body.Next = list.Unread, list.Next
	return out, nil
}

// place is where a list goes on; 0 when it begins.
func (n number) place() (uint64, error) {
	if n.Given && n.Value == 0 {
		return 0, chat.Errorf(chat.Invalid, "httpapi.place", "before must be at least 1")
	}
	return n.Value, nil
}

// UnreadThread is a thread with something unread.
type UnreadThread struct {
	Room   string `json:"room"`
	Thread string `json:"thread" format:"uuid" doc:"Id of its root."`
	Unread uint64 `json:"unread"`
}

type unreadThreadsAnswer struct {
	Body struct {
		Threads  uint64         `json:"threads" doc:"How many there are."`
		Followed []UnreadThread `json:"followed" doc:"The first 500 of them, the one with the newest reply first."`
	}
}

func (a *api) unreadThreads(ctx context.Context, _ *struct{}) (*unreadThreadsAnswer, error) {
	n, first, err := a.chat.UnreadThreads(ctx, identity(ctx).User.Actor())
	if err != nil {
		return nil, err
	}
	out := &unreadThreadsAnswer{}
	out.Body.Threads, out.Body.Followed = n, make([]UnreadThread, 0, len(first))
	for _, t := range first {
		out.Body.Followed = append(out.Body.Followed, UnreadThread{Room: t.RoomName, Thread: t.Root, Unread: t.Unread})
	}
	return out, nil
}

// savedMessage is a message with when it was saved.
type savedMessage struct {
	message
	SavedAt string `json:"saved_at" format:"date-time"`
}

type savedRequest struct {
	Before number `query:"before" doc:"The next of the page before this one."`
}

type savedAnswer struct {
	Body struct {
		Messages []savedMessage `json:"messages"`
		Next     uint64         `json:"next,omitempty" doc:"To give as before; none when nothing is left."`
	}
}

func (a *api) listSaved(ctx context.Context, in *savedRequest) (*savedAnswer, error) {
	before, err := in.Before.place()
	if err != nil {
		return nil, err
	}
	ms, next, err := a.chat.Saved(ctx, identity(ctx).User.Actor(), before)
	if err != nil {
		return nil, err
	}
	out := &savedAnswer{}
	out.Body.Messages, out.Body.Next = make([]savedMessage, 0, len(ms)), next
	for i := range ms {
		out.Body.Messages = append(out.Body.Messages, savedMessage{message: newMessage(&ms[i].Message), SavedAt: timestamp(ms[i].At)})
	}
	return out, nil
}
