//go:build faults

package hub

import "github.com/parley-chat/parley/hub/internal/fault"

// SetMutants makes the mistakes of these names and no others in this process, until restore. It is for tests of tests,
// one at a time, and exists in programs built with the tag faults alone.
func SetMutants(names ...string) (restore func()) { return fault.Set(names...) }
