// Package chat is Parley's vocabulary and its rules: users, rooms, memberships, messages and changes, what may be done
// to them and by whom. It imports the standard library only; stores, sockets and REST all speak in its terms.
//
// The one invariant everything stands on: a message exists when its transaction is committed, not before. So a write
// goes Service -> Committer -> Store.Commit -> Publish -> the caller learns of it, in this order and no other. Whoever
// sees an acknowledgement or an event can rely on the row being on disk.
package chat
