// Package gateway joins the hub and the domain: it turns what clients say into calls of chat.Service, and what was
// committed into frames for the hub. docs/protocol.md describes what it speaks.
//
// Three invariants hold it together.
//
// An entry has one encoding. Publisher and Log both build theirs with newEntry, so a message has the same bytes live,
// replayed and resumed, on every node.
//
// A connection's first frame is welcome, and nothing that concerns its person can fall between the state that welcome
// tells and the frames that follow: the connection is registered before the state is read, and what comes for it
// meanwhile is held back.
//
// A connection lives no longer than what let it in. Its token's expiry is a timer; its session is looked up again
// once the connection is registered (so a sign-out during the upgrade is not missed), and every 20 seconds from then on.
package gateway
