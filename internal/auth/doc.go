// Package auth answers two questions: who asks, and who may come in? It makes and checks tokens and cookies, hashes
// passwords, keeps the names of guests who are here now, and lets people register, sign in and sign out.
//
// The invariant: an Identity is only ever made from a token that this server signed or a cookie's secret that it gave
// out, whose session lives now, or from a guest name that nobody else holds. Nothing that a request says of itself (a
// header of the token, a user id, a name in use) is believed, and nothing is fetched from anywhere to find out.
package auth
