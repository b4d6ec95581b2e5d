package chattest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	chattest.RunStoreSuite(t, func(*testing.T) chat.Store { return chattest.NewStore() })
}
