package disk_test

import "sync"

var built struct {
	once sync.Once
	dir  string
	err  error
}
