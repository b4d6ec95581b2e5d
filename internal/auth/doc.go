// Package auth answers one question: who asks? It makes and checks tokens, hashes passwords, keeps the names of guests
// who are here now, and puts the three together for an HTTP request.
//
// The invariant: an Identity is only ever made from a token that this server signed, whose session lives now, or from a
// guest name that nobody else holds. Nothing that a request says of itself (a header of the token, a user id, a name in
// use) is believed, and nothing is fetched from anywhere to find out.
package auth
