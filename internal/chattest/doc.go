// Package chattest is for tests: a chat.Store in memory whose commits can be made to fail, builders, and the suite that
// every chat.Store must pass.
package chattest
