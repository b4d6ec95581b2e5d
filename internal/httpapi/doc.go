// Package httpapi is Parley over plain HTTP: the REST API under /api with its OpenAPI description, /health, /metrics,
// and everything that has to be true of each request, whatever answers it: an id, a log line without secrets, limits on
// size and time, an answer also when something panics.
//
// Two rules hold for every route. Who asks is found out before anything of the request is looked at, except on the few
// routes in api.go that need nobody. And every error is a problem document with one of chat's codes, made in one place
// (problem.go), which never repeats what the request contained.
//
// The API is described and validated by huma, whose types stay inside this package. Its defaults that do not fit are
// switched off in huma.go.
package httpapi
