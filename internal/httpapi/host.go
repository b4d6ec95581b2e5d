package httpapi

import "github.com/parley-chat/parley/internal/chat"

// Host is the server that Parley is part of, where it keeps the people.
type Host struct {
	SignInURL string // where the page sends whom the host does not know, "" where that is not said
}

// theHosts are the operations of the API that have no meaning where a host keeps the people: who comes in, under which
// name and role, and where they are signed in is its affair.
var theHosts = map[string]bool{
	"check-setup": true, "check-invitation": true, "register": true, "login": true, "logout": true, "guest": true,
	"update-me": true, "set-avatar": true, "remove-avatar": true, "change-password": true, "list-sessions": true, "end-sessions": true, "end-session": true,
	"set-role": true, "create-invite": true, "list-invites": true, "revoke-invite": true,
}

// refusedByHost is Forbidden for an operation that is the host's.
func (a *api) refusedByHost(operation string) error {
	if a.host == nil || !theHosts[operation] {
		return nil
	}
	return chat.Errorf(chat.Forbidden, "httpapi", "people and their sessions are kept by the site that this chat is part of: do it there")
}
