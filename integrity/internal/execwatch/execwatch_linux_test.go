//go:build amd64 || arm64

package execwatch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// With this variable the test binary is a program that a test watches: it has the name of
// one of programs.
const programEnv = "NODEINT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if name := os.Getenv(programEnv); name != "" {
		os.Unsetenv(programEnv)
		if err := programs[name](os.Args[1:]); err != nil {
			fmt.Println(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// programs execute /bin/echo or their first argument in different ways.
var programs = map[string]func(args []string) error{
	"arguments": func(args []string) error {
		fmt.Printf("%q", args)
		return nil
	},
	"execve": func(args []string) error { return unix.Exec(args[0], args[1:], []string{"A=1"}) },
	"spawn": func(args []string) error {
		p, err := os.StartProcess(args[0], args[1:], &os.ProcAttr{Env: []string{"A=1"}, Files: []*os.File{nil, os.Stdout, os.Stderr}})
		if err == nil {
			_, err = p.Wait()
		}
		return err
	},
	"thread": func(args []string) error {
		done := make(chan error)
		go func() {
			runtime.LockOSThread()
			done <- unix.Exec(args[0], args[1:], nil)
		}()
		return <-done
	},
	"chdir": func(args []string) error {
		if err := os.Chdir(args[0]); err != nil {
			return err
		}
		return unix.Exec(args[1], args[2:], nil)
	},
	"chroot": func(args []string) error {
		if err := unix.Chroot(args[0]); err != nil {
			return err
		}
		return unix.Exec(args[1], args[2:], nil)
	},
	"dirfd": func(args []string) error {
		fd, err := unix.Open(args[0], unix.O_PATH, 0)
		if err != nil {
			return err
		}
		return execveat(fd, args[1], args[2:], 0)
	},
	"fexecve": func(args []string) error {
		fd, err := unix.Open(args[0], unix.O_PATH, 0)
		if err != nil {
			return err
		}
		return execveat(fd, "", args[1:], unix.AT_EMPTY_PATH)
	},
	"memfd": func(args []string) error {
		text, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		fd, err := unix.MemfdCreate("copy", 0)
		if err != nil {
			return err
		}
		if _, err := unix.Write(fd, text); err != nil {
			return err
		}
		return execveat(fd, "", args[1:], unix.AT_EMPTY_PATH)
	},
	"nofollow": func(args []string) error {
		return execveat(unix.AT_FDCWD, args[0], args[1:], unix.AT_SYMLINK_NOFOLLOW)
	},
	"self": func(args []string) error {
		return unix.Exec("/proc/self/exe", args, []string{programEnv + "=execve"})
	},
	"null": func(args []string) error {
		path, _ := unix.BytePtrFromString(args[0])
		_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(path)), 0, 0)
		return errno
	},
	"fault": func([]string) error {
		_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, 1, 0, 0)
		return errno
	},
}

func execveat(dirfd int, path string, argv []string, flags int) error {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return err
	}
	list, err := syscall.SlicePtrFromStrings(argv)
	if err != nil {
		return err
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, uintptr(dirfd), uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&list[0])), 0, uintptr(flags), 0)
	return errno
}

// A watched is what a test saw of a program.
type watched struct {
	calls  []string // path, name of the file, arguments, environment
	output string
	status syscall.WaitStatus
}

// describe returns one line for a call.
func describe(e *Exec) string {
	path, err := e.Path()
	if err != nil {
		return fmt.Sprint("path: ", err)
	}
	f, info, err := e.Open()
	if err != nil {
		return fmt.Sprintf("%s: %v", path, err)
	}
	defer f.Close()
	name := "another file"
	for _, known := range []string{"/bin/echo", "/bin/sh", "/proc/self/exe"} {
		var same unix.Stat_t
		if unix.Stat(known, &same) == nil && same.Ino == info.Ino && same.Dev == info.Dev {
			name = filepath.Base(known)
		}
	}
	argv, err := e.Argv()
	if err != nil {
		return fmt.Sprint("argv: ", err)
	}
	env, err := e.Env()
	if err != nil {
		return fmt.Sprint("env: ", err)
	}
	return fmt.Sprintf("%s = %s %q %q", path, name, argv, env)
}

// watch starts the test binary as one of programs, and answers each of its calls by
// decide.
func watch(t *testing.T, program string, args []string, decide func(*Exec) syscall.Errno) watched {
	t.Helper()
	var w watched
	var mu sync.Mutex
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	decideNext := func(e *Exec) syscall.Errno {
		mu.Lock()
		defer mu.Unlock()
		w.calls = append(w.calls, describe(e))
		return decide(e)
	}
	var failed error
	served := make(chan error, 1)
	OnThread(func() {
		failed = func() error {
			l, err := install()
			if err != nil {
				return err
			}
			go func() { served <- errors.Join(l.Serve(decideNext), l.Close()) }()
			argv := append([]string{"sh", "-c", `exec "$@" >` + out, "sh", exe}, args...)
			pid, err := ForkExec("/bin/sh", argv, []string{programEnv + "=" + program})
			if err != nil {
				return err
			}
			_, err = unix.Wait4(pid, (*unix.WaitStatus)(&w.status), 0, nil)
			return err
		}()
	})
	if err := failed; errors.Is(err, unix.EBUSY) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil { // when the last process has ended
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	w.output, w.calls = string(text), w.calls[2:] // without those of the shell and of the test binary
	return w
}

func allow(*Exec) syscall.Errno { return 0 }

func TestCalls(t *testing.T) {
	dir := t.TempDir()
	link, proc := filepath.Join(dir, "link"), filepath.Join(dir, "proc")
	for name, target := range map[string]string{link: "/bin/echo", proc: "/proc/self/exe", filepath.Join(dir, "loop"): "loop"} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, program string
		args          []string
		want          string // the last call
		output        string
	}{
		{"execve", "execve", []string{"/bin/echo", "echo", "hi"}, `/bin/echo = echo ["echo" "hi"] ["A=1"]`, "hi\n"},
		{"vfork", "spawn", []string{"/bin/echo", "echo", "hi"}, `/bin/echo = echo ["echo" "hi"] ["A=1"]`, "hi\n"},
		{"another thread", "thread", []string{"/bin/echo", "echo", "hi"}, `/bin/echo = echo ["echo" "hi"] []`, "hi\n"},
		{"a link", "execve", []string{link, "echo", "hi"}, link + ` = echo ["echo" "hi"] ["A=1"]`, "hi\n"},
		{"a relative path", "chdir", []string{dir, "../" + filepath.Base(dir) + "/./link", "echo", "hi"}, "../" + filepath.Base(dir) + `/./link = echo ["echo" "hi"] []`, "hi\n"},
		{"dots above the root", "execve", []string{"/../../bin/echo", "echo", "hi"}, `/../../bin/echo = echo ["echo" "hi"] ["A=1"]`, "hi\n"},
		{"execveat", "dirfd", []string{dir, "link", "echo", "hi"}, `link = echo ["echo" "hi"] []`, "hi\n"},
		{"fexecve", "fexecve", []string{"/bin/echo", "echo", "hi"}, ` = echo ["echo" "hi"] []`, "hi\n"},
		{"memfd", "memfd", []string{"/bin/echo", "echo", "hi"}, ` = another file ["echo" "hi"] []`, "hi\n"},
		{"no link wanted", "nofollow", []string{link, "echo"}, link + ": too many levels of symbolic links", "too many levels of symbolic links\n"},
		{"a loop", "execve", []string{filepath.Join(dir, "loop"), "x"}, filepath.Join(dir, "loop") + ": too many levels of symbolic links", "too many levels of symbolic links\n"},
		{"absent", "execve", []string{"/absent/x", "x"}, "/absent/x: no such file or directory", "no such file or directory\n"},
		{"a directory", "execve", []string{dir, "x"}, dir + ": permission denied", "permission denied\n"},
		{"the caller's link in /proc", "self", []string{"x", "/bin/echo", "echo", "hi"}, `/bin/echo = echo ["echo" "hi"] ["A=1"]`, "hi\n"},
		{"a link to a link in /proc", "execve", []string{proc, "x"}, proc + ` = exe ["x"] ["A=1"]`, ""},
		{"no arguments", "null", []string{"/bin/echo"}, `/bin/echo = echo [""] []`, "\n"},
		{"a path that is not readable", "fault", nil, "path: bad address", "bad address\n"},
		{"long arguments", "execve", []string{"/bin/echo", "echo", strings.Repeat("x", 100_000)}, fmt.Sprintf(`/bin/echo = echo ["echo" %q] ["A=1"]`, strings.Repeat("x", 100_000)), strings.Repeat("x", 100_000) + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.program == "execve" && tt.args[0] == proc {
				t.Setenv("NOTHING", "") // the copy executes nothing: it is the test binary without a test
				tt.args = append(tt.args, "-test.list=^$")
				tt.want = proc + ` = exe ["x" "-test.list=^$"] ["A=1"]`
			}
			got := watch(t, tt.program, tt.args, allow)
			if len(got.calls) == 0 || got.calls[len(got.calls)-1] != tt.want {
				t.Errorf("calls are %q, want the last to be %q", got.calls, tt.want)
			}
			if tt.output != "" && got.output != tt.output {
				t.Errorf("output is %q, want %q", got.output, tt.output)
			}
		})
	}
}

// TestRoot executes a program below another root, whose links are absolute.
func TestRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("chroot needs root")
	}
	dir := t.TempDir()
	text, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.Mkdir(filepath.Join(dir, "bin"), 0o755),
		os.WriteFile(filepath.Join(dir, "bin", "real"), text, 0o755),
		os.Symlink("/bin/real", filepath.Join(dir, "bin", "echo")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := watch(t, "chroot", []string{dir, "/../bin/echo", "echo", "-test.list=^$"}, allow)
	if want := []string{`/../bin/echo = another file ["echo" "-test.list=^$"] []`}; !slices.Equal(got.calls, want) {
		t.Errorf("calls are %q, want %q", got.calls, want)
	}
}

func TestRefuse(t *testing.T) {
	refuse := func(e *Exec) syscall.Errno {
		if path, _ := e.Path(); path == "/bin/echo" {
			return unix.EACCES
		}
		return 0
	}
	for _, program := range []string{"execve", "spawn", "thread"} {
		got := watch(t, program, []string{"/bin/echo", "echo", "hi"}, refuse)
		if !strings.Contains(got.output, "permission denied") || got.status != 0 {
			t.Errorf("%s: output is %q, status %v", program, got.output, got.status)
		}
	}
}

// TestStatus checks that a program ends as without a filter.
func TestStatus(t *testing.T) {
	for script, want := range map[string]string{"exit 42": "status 42", "kill -TERM $$": "signal 15", "sh -c 'exit 3'; exit $?": "status 3"} {
		got := watch(t, "execve", []string{"/bin/sh", "sh", "-c", script}, allow)
		have := fmt.Sprint("status ", got.status.ExitStatus())
		if got.status.Signaled() {
			have = fmt.Sprint("signal ", int(got.status.Signal()))
		}
		if have != want {
			t.Errorf("%s: %s, want %s", script, have, want)
		}
	}
}

// TestOrphan checks that a process is seen whose parent has ended.
func TestOrphan(t *testing.T) {
	got := watch(t, "execve", []string{"/bin/sh", "sh", "-c", "(setsid sh -c 'sleep 0.3; exec /bin/echo orphan' &)"}, allow)
	if last := got.calls[len(got.calls)-1]; !strings.HasPrefix(last, "/bin/echo = echo") || got.output != "orphan\n" {
		t.Errorf("the last call is %q, output %q", last, got.output)
	}
}

// TestKilled checks that a process which is killed while it waits does not stop Serve.
func TestKilled(t *testing.T) {
	got := watch(t, "spawn", []string{"/bin/echo", "echo"}, func(e *Exec) syscall.Errno {
		if path, _ := e.Path(); path == "/bin/echo" {
			_ = unix.Kill(e.PID, unix.SIGKILL)
			for range 1000 {
				if !e.Pending() {
					return 0
				}
				time.Sleep(time.Millisecond)
			}
			t.Error("the call is still pending")
		}
		return 0
	})
	if got.output != "" {
		t.Errorf("output is %q", got.output)
	}
}

// TestClosed checks that nothing runs once the listener is closed.
func TestClosed(t *testing.T) {
	var err error
	OnThread(func() {
		var l *Listener
		if l, err = install(); err == nil {
			l.Close()
			_, err = ForkExec("/bin/true", []string{"true"}, nil)
		}
	})
	if errors.Is(err, unix.EBUSY) {
		t.Skip(err)
	} else if err != unix.ENOSYS {
		t.Errorf("the error is %v, want ENOSYS", err)
	}
}

// TestNested checks that a second listener is refused.
func TestNested(t *testing.T) {
	var err error
	OnThread(func() {
		if l, err := install(); err == nil {
			defer l.Close()
		}
		_, err = install()
	})
	if !errors.Is(err, unix.EBUSY) {
		t.Errorf("the error is %v, want EBUSY", err)
	}
}

func TestStop(t *testing.T) {
	OnThread(func() {
		l, err := install()
		if err != nil {
			return
		}
		l.Stop()
		if err := errors.Join(l.Serve(allow), l.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestProgram(t *testing.T) {
	filter := program()
	run := func(arch, number uint32) uint32 {
		var a uint32
		for pc := 0; ; pc++ {
			switch i := filter[pc]; i.Code {
			case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
				a = map[uint32]uint32{offsetArch: arch, offsetNumber: number}[i.K]
			case unix.BPF_RET | unix.BPF_K:
				return i.K
			case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
				if a != i.K {
					pc += int(i.Jf)
				}
			case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
				if a < i.K {
					pc += int(i.Jf)
				}
			default:
				t.Fatalf("unknown instruction %+v", i)
			}
		}
	}
	const refused = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	for _, a := range abis {
		for number, want := range map[uint32]uint32{
			a.execve: unix.SECCOMP_RET_USER_NOTIF, a.execveat: unix.SECCOMP_RET_USER_NOTIF, a.execve + 1: unix.SECCOMP_RET_ALLOW, 0: unix.SECCOMP_RET_ALLOW,
		} {
			if got := run(a.arch, number); got != want {
				t.Errorf("call %d of %#x: %#x, want %#x", number, a.arch, got, want)
			}
		}
		if a.limit > 0 {
			for _, number := range []uint32{a.limit | a.execve, a.limit | 520, a.limit | 545, a.limit} {
				if got := run(a.arch, number); got != refused {
					t.Errorf("call %#x of %#x: %#x, want %#x", number, a.arch, got, refused)
				}
			}
		}
	}
	if got := run(unix.AUDIT_ARCH_S390X, abis[0].execve); got != refused {
		t.Errorf("another interface: %#x, want %#x", got, refused)
	}
}

func BenchmarkExec(b *testing.B) {
	for _, name := range []string{"plain", "watched"} {
		b.Run(name, func(b *testing.B) {
			OnThread(func() {
				start := func() (int, error) {
					return syscall.ForkExec("/bin/true", []string{"true"}, nil)
				}
				if name == "watched" {
					l, err := install()
					if err != nil {
						b.Error(err)
						return
					}
					go l.Serve(func(e *Exec) syscall.Errno {
						f, _, err := e.Open()
						if err == nil {
							var head [HeadSize]byte
							_, _ = f.Read(head[:])
							f.Close()
						}
						return 0
					})
					start = func() (int, error) { return ForkExec("/bin/true", []string{"true"}, nil) }
				}
				b.ResetTimer()
				for range b.N {
					pid, err := start()
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = unix.Wait4(pid, nil, 0, nil)
				}
			})
		})
	}
}

func install() (*Listener, error) {
	fd, err := Install()
	if err != nil {
		return nil, err
	}
	return NewListener(fd)
}
