package main

import (
	"bytes"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/integrity"
)

// hasVerity reports whether fs-verity seals a file: its bytes can never change. Tests
// replace it.
var hasVerity = func(file string) bool {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, file, unix.AT_SYMLINK_NOFOLLOW, 0, &st)
	return err == nil && st.Attributes&unix.STATX_ATTR_VERITY != 0
}

// ipeEnforce is a file of the kernel that says whether IPE enforces its policy. Tests
// replace it.
var ipeEnforce = "/sys/kernel/security/ipe/enforce"

// printKernel prints, with -v, what the kernel holds of the verified tree.
func (u *ui) printKernel(r *integrity.Report) {
	var fs unix.Statfs_t
	if unix.Statfs(r.Root, &fs) == nil && fs.Flags&unix.ST_RDONLY != 0 {
		u.infof("kernel: the file system of %s is read-only", safeName(r.Root))
	}
	sealed := 0
	for i := range r.Pinned {
		if hasVerity(filepath.Join(r.Root, filepath.FromSlash(r.Pinned[i].Path))) {
			sealed++
		}
	}
	if sealed > 0 {
		u.infof("kernel: fs-verity seals %d of %s", sealed, count(len(r.Pinned), "pinned file"))
	}
	if text, err := os.ReadFile(ipeEnforce); err == nil && bytes.Equal(bytes.TrimSpace(text), []byte("1")) {
		u.infof("kernel: IPE enforces its policy")
	}
}
