//go:build !linux

package tree

import "io/fs"

func stampOf(fs.FileInfo) Stamp { return Stamp{} }

func (o opener) stamp(string) Stamp { return Stamp{} }

func (o opener) stampDevice() (uint64, bool) { return 0, false }
