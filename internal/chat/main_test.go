package chat_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bg is for calls inside a bubble of virtual time: the test's own context belongs to the world outside.
var bg = context.Background()
