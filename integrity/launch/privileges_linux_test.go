package launch

import (
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A mode is the information about a file of the user 1000 and the group 2000.
type mode fs.FileMode

func (mode) Name() string        { return "node" }
func (mode) Size() int64         { return 1 }
func (m mode) Mode() fs.FileMode { return fs.FileMode(m) }
func (mode) ModTime() time.Time  { return time.Time{} }
func (mode) IsDir() bool         { return false }
func (mode) Sys() any            { return &syscall.Stat_t{Uid: 1000, Gid: 2000} }

// capabilities returns the extended attribute for permitted and inheritable capabilities.
func capabilities(permitted, inheritable uint64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x02000001)
	b = binary.LittleEndian.AppendUint32(b, uint32(permitted))
	b = binary.LittleEndian.AppendUint32(b, uint32(inheritable))
	b = binary.LittleEndian.AppendUint32(b, uint32(permitted>>32))
	return binary.LittleEndian.AppendUint32(b, uint32(inheritable>>32))
}

func TestGains(t *testing.T) {
	tests := []struct {
		name      string
		mode      fs.FileMode
		attribute []byte
		uid, gid  int
		want      string // a part, or "" for none
	}{
		{"nothing", 0o755, nil, 1, 1, ""},
		{"set-user-ID", 0o755 | fs.ModeSetuid, nil, 1, 1, "set-user-ID"},
		{"set-user-ID of the same user", 0o755 | fs.ModeSetuid, nil, 1000, 1, ""},
		{"set-group-ID", 0o755 | fs.ModeSetgid, nil, 1, 1, "set-group-ID"},
		{"set-group-ID of the same group", 0o755 | fs.ModeSetgid, nil, 1, 2000, ""},
		{"raw sockets", 0o755, capabilities(1<<unix.CAP_NET_RAW, 0), 1, 1, "capabilities"},
		{"low ports", 0o755, capabilities(1<<unix.CAP_NET_BIND_SERVICE, 0), 1, 1, "capabilities"},
		{"the effective bit alone", 0o755, capabilities(0, 0), 1, 1, "capabilities"},
		{"none", 0o755, []byte{0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1, 1, ""},
		{"an upper one", 0o755, capabilities(1<<unix.CAP_BPF, 0), 1, 1, "capabilities"},
		{"low ports and raw sockets", 0o755, capabilities(1<<unix.CAP_NET_BIND_SERVICE|1<<unix.CAP_NET_RAW, 0), 1, 1, "capabilities"},
		{"low ports and an upper one", 0o755, capabilities(1<<unix.CAP_NET_BIND_SERVICE|1<<unix.CAP_BPF, 0), 1, 1, "capabilities"},
		{"inheritable", 0o755, capabilities(0, 1<<unix.CAP_NET_RAW), 1, 1, "capabilities"},
		{"root", 0o755, capabilities(1<<unix.CAP_NET_RAW, 0), 0, 0, ""},
		{"another form", 0o755, []byte{1, 0, 0, 1, 0, 0}, 1, 1, "capabilities"},
	}
	for _, tt := range tests {
		if got, hint := gains(mode(tt.mode), tt.attribute, tt.uid, tt.gid); !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") || (got == "") != (hint == "") {
			t.Errorf("%s: %q (%q), want %q", tt.name, got, hint, tt.want)
		}
	}
}

// ParseCommand refuses such a node, also behind a link.
func TestCheckPrivileges(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a file of another user")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, map[string]string{file: "#!/bin/sh\n"})
	link := filepath.Join(dir, "node")
	for _, err := range []error{os.Chown(file, 1, 1), os.Chmod(file, 0o755|fs.ModeSetuid), os.Symlink(file, link)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := ParseCommand([]string{link, "app.js"}, nil, Allow{})
	if err == nil || !strings.Contains(err.Error(), "has the set-user-ID bit") {
		t.Errorf("%v, want an error about the set-user-ID bit", err)
	}
}
