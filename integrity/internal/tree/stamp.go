package tree

// A Stamp is what the system says of a regular file beside its bytes. It changes when the
// bytes change, if the file system is one of those that [Tree.StampDevice] knows: no program
// can set the change time of a file, and writing sets it. The zero Stamp is that of a file of
// which nothing is known.
type Stamp struct {
	Device, Inode uint64
	Size          int64
	Modified      int64 // in nanoseconds since 1970
	Changed       int64 // the same; ctime of stat(2)
}

// Stamp returns the stamp of the regular file p. It is zero if p is a mounted file, or no
// regular file, or reached through a link.
func (t *Tree) Stamp(p string) Stamp {
	if read, _ := t.mounted(p); read != nil {
		return Stamp{}
	}
	return t.os.stamp(p)
}

// StampDevice returns the device of the root. ok is false if its file system does not keep
// change times as [Stamp] requires.
func (t *Tree) StampDevice() (device uint64, ok bool) { return t.os.stampDevice() }
