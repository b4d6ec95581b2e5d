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

// TmpfsAvailable says why there is no tmpfs here.
func TmpfsAvailable() error { return fmt.Errorf("%w: it takes Linux", errUnavailable) }

// Tmpfs is a file system in memory; there is none on this system.
type Tmpfs struct{}

// MountTmpfs returns the error of TmpfsAvailable.
func MountTmpfs(string, int64) (*Tmpfs, error) { return nil, TmpfsAvailable() }

// Dir returns where the files are seen.
func (t *Tmpfs) Dir() string { return "" }

// Backing returns the folder that gets the files at Unmount.
func (t *Tmpfs) Backing() string { return "" }

// Full returns the error of TmpfsAvailable.
func (t *Tmpfs) Full(int64) error { return TmpfsAvailable() }

// Unmount does nothing.
func (t *Tmpfs) Unmount() error { return nil }
