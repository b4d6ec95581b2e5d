// Package ws is the client's side of a WebSocket (RFC 6455), as far as Parley needs it: text messages, no extensions. It
// goes through an *http.Client, so that proxies, certificates and dialling are the caller's choice.
package ws
