package confine

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

// shell runs a shell script under a policy, and returns what it writes to the file out.
func shell(t *testing.T, script string, policy Policy) string {
	t.Helper()
	if err := CheckReadOnly(); err != nil {
		t.Skip(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	write(t, out, "")
	if policy.ReadOnly != nil {
		policy.ReadOnly.Write = append(policy.ReadOnly.Write, out)
	}
	err := run(t, "/bin/sh", []string{"sh", "-c", "exec >$OUT 2>&1\n" + script}, []string{"OUT=" + out, "PATH=/usr/bin:/bin"}, policy)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs a program in a stage until it ends.
func run(t *testing.T, path string, argv, env []string, policy Policy) error {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	err = s.Exec(path, argv, env, policy, nil)
	if _, waitErr := syscall.Wait4(s.PID, nil, 0, nil); waitErr != nil {
		t.Error(waitErr)
	}
	return err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// realTemp returns a temporary directory without links in its path.
func realTemp(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var system = []string{"/bin", "/usr", "/lib", "/lib64"}

// executable returns the real paths of the system's directories.
func executable(paths ...string) []string {
	var all []string
	for _, p := range append(paths, system...) {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			all = append(all, real)
		}
	}
	return all
}

// The program has the process id of the stage, its own arguments and environment, and
// nothing else.
func TestProgram(t *testing.T) {
	got := strings.Fields(shell(t, `echo $0 $# "$(env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= -e ^OLDPWD= | wc -l)"; grep NoNewPrivs /proc/self/status; ls /proc/$$/fd | wc -l`, Policy{}))
	want := strings.Fields("sh 0 2 NoNewPrivs: 1")
	if diff := cmp.Diff(want, got[:len(want)]); diff != "" {
		t.Error(diff)
	}
}

// What is protected cannot be changed in any way, by the program and its children, under
// any of its names.
func TestProtected(t *testing.T) {
	tests := map[string]string{
		"write":           "echo x >$D/root/file",
		"append":          "echo x >>$D/root/dir/file",
		"create":          "echo x >$D/root/new",
		"truncate":        "truncate -s 0 $D/root/file",
		"remove":          "rm $D/root/file",
		"make directory":  "mkdir $D/root/new",
		"remove empty":    "rmdir $D/root/empty",
		"link":            "ln -s x $D/root/new",
		"hard link in":    "ln $D/beside/file $D/root/new",
		"rename in":       "mv $D/beside/file $D/root/file",
		"rename out":      "mv $D/root/file $D/beside/new",
		"rename the root": "mv $D/root $D/other",
		"through a link":  "echo x >$D/link/file",
		"through a child": `sh -c 'sh -c "echo x >$D/root/file"'`,
		"created beside":  "mkdir $D/new",
		"protected file":  "echo x >$D/tools/tool",
		"replaced file":   "cp $D/tools/other $D/tools/new && mv $D/tools/new $D/tools/tool",
		"the program":     "cp $D/tools/tool $D/beside/tool && $D/beside/tool",
		"another program": "$D/root/unpinned",
		"its own memory":  "echo x >/proc/self/mem",
	}
	for name, command := range tests {
		t.Run(name, func(t *testing.T) {
			dir := realTemp(t)
			for _, file := range []string{"root/file", "root/dir/file", "beside/file", "tools/tool", "tools/other", "root/unpinned"} {
				write(t, filepath.Join(dir, file), "#!/bin/sh\necho done\n")
			}
			for _, err := range []error{os.Mkdir(filepath.Join(dir, "root/empty"), 0o755), os.Symlink("root", filepath.Join(dir, "link"))} {
				if err != nil {
					t.Fatal(err)
				}
			}
			script := "export D=" + dir + "\n" + command + " && echo done"
			policy := Policy{ReadOnly: &ReadOnly{
				Protect: []string{filepath.Join(dir, "root"), "/proc"},
				Execute: executable(filepath.Join(dir, "tools/tool")),
			}}
			if got := shell(t, script, policy); strings.Contains(got, "done") || !strings.Contains(got, "ermission denied") && !strings.Contains(got, "cross-device") {
				t.Errorf("with the policy: %s", got)
			}
			if name == "its own memory" {
				return
			}
			if got := shell(t, script, Policy{}); !strings.Contains(got, "done") {
				t.Errorf("without a policy: %s", got)
			}
		})
	}
}

// Everything else works: files beside the root, directories that are writable in it, and
// programs that may be executed.
func TestPermitted(t *testing.T) {
	dir := realTemp(t)
	for _, file := range []string{"root/file", "root/uploads/file", "root/tool", "beside/file", "other/deep/file"} {
		write(t, filepath.Join(dir, file), "#!/bin/sh\nexit 0\n")
	}
	got := shell(t, "set -e; cd "+dir+`
echo x >beside/file; mkdir beside/new; echo x >beside/new/file; mv beside/new/file other/deep/new; rm other/deep/new
echo x >root/uploads/new; mv root/uploads/new beside/moved; rm root/uploads/file
cat root/file >/dev/null
root/tool
echo done`, Policy{ReadOnly: &ReadOnly{
		Protect: []string{filepath.Join(dir, "root")},
		Execute: executable(filepath.Join(dir, "root/tool")),
		Write:   []string{filepath.Join(dir, "root/uploads")},
	}})
	if got != "done\n" {
		t.Error(got)
	}
}

// A link in the path of what may be written or executed is an error: somebody has changed
// it since.
func TestLinkInPolicy(t *testing.T) {
	if err := CheckReadOnly(); err != nil {
		t.Skip(err)
	}
	dir := realTemp(t)
	write(t, filepath.Join(dir, "root/file"), "")
	link := filepath.Join(dir, "link")
	if err := os.Symlink("root", link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []ReadOnly{{Write: []string{link}}, {Execute: []string{link + "/file"}}} {
		p.Protect = []string{filepath.Join(dir, "root")}
		err := run(t, "/bin/sh", []string{"sh", "-c", "exit"}, nil, Policy{ReadOnly: &p})
		if !errors.Is(err, unix.ELOOP) {
			t.Errorf("%v: %v, want ELOOP", p, err)
		}
	}
}

func TestNotExecutable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none")
	err := run(t, file, []string{"none"}, nil, Policy{})
	if _, ok := errors.AsType[*ExecError](err); !ok || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want an ExecError for a missing file", err)
	}
}

func TestCancel(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	s.Cancel()
	if _, err := syscall.Wait4(s.PID, nil, 0, nil); err != nil {
		t.Error(err)
	}
}

// Only nodeint can start a stage.
func TestNotFromParent(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range []string{"0", "77", "x"} {
		cmd := exec.Command(self)
		cmd.Args = []string{stageName, fd}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != failed || !strings.Contains(string(out), "not started by nodeint") {
			t.Errorf("descriptor %s: %v\n%s", fd, err, out)
		}
	}
}

func TestCheckReadOnly(t *testing.T) {
	defer func(f func() (int, error)) { kernelABI = f }(kernelABI)
	tests := []struct {
		abi  int
		err  error
		want string // "" for no error
	}{
		{0, unix.ENOSYS, "no Landlock"},
		{0, unix.EOPNOTSUPP, "disabled"},
		{0, unix.EPERM, "operation not permitted"},
		{1, nil, "Linux 6.2"},
		{2, nil, "Linux 6.2"},
		{3, nil, ""},
		{9, nil, ""},
	}
	for _, tt := range tests {
		kernelABI = func() (int, error) { return tt.abi, tt.err }
		err := CheckReadOnly()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("version %d, %v: %v, want %q", tt.abi, tt.err, err, tt.want)
		}
	}
}
