// Package wsclient is a small WebSocket client (RFC 6455) for tests and for the checker. It shares no code with
// hub/websocket on purpose, so that a mistake of the server cannot be hidden by the same mistake here. It judges what
// the server sends strictly: a masked frame, a reserved bit, a length that is not minimal, a broken control frame or
// text that is not UTF-8 is a *ProtocolError.
//
// A Read that ends by its context loses nothing: the next Read goes on where it stopped. So "nothing arrives within
// 200 ms" can be asked without breaking the connection.
//
// SendRaw and Frame write what no honest client would; the connection does not mind.
package wsclient
