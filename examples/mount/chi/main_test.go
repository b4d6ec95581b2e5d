package main

import (
	"testing"

	"github.com/parley-chat/parley/examples/mount/mounttest"
)

func TestTwoUsersTalk(t *testing.T) { mounttest.Run(t, mounttest.BasicAuth) }
