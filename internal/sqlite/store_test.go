package sqlite_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

func TestStore(t *testing.T) {
	chattest.RunStoreSuite(t, func(t *testing.T) chat.Store { return open(t, sqlite.Options{}) })
}
