//go:build !linux

package disk

import "fmt"

// Available says why there is no such disk here.
func Available() error { return fmt.Errorf("%w: it takes Linux", errUnavailable) }

// Disk is a mounted file system; there is none on this system.
type Disk struct{ *faults }

// Mount returns the error of Available.
func Mount(string, Options) (*Disk, error) { return nil, Available() }

// Dir returns where the files are seen.
func (d *Disk) Dir() string { return "" }

// Backing returns the folder that holds the files.
func (d *Disk) Backing() string { return "" }

// Crash returns the error of Available.
func (d *Disk) Crash(uint64) (Loss, error) { return Loss{}, Available() }

// Unmount does nothing.
func (d *Disk) Unmount() error { return nil }
