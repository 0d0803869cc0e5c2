package confine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/integrity/internal/execwatch"
)

const (
	// stageName is argv[0] of the stage.
	stageName = "nodeint: confine"

	// self is the binary of this process, also if its file was replaced.
	self = "/proc/self/exe"

	// failed is the exit status of a stage that cannot report its error.
	failed = 5
)

// A request is what the parent wants to be started.
type request struct {
	Path   string
	Argv   []string
	Env    []string
	Policy Policy
}

// A reply is what the stage reports.
type reply struct {
	Op    string        `json:",omitempty"` // what failed; "" for nothing
	Errno syscall.Errno `json:",omitempty"`
	Text  string        `json:",omitempty"` // the error in words

	Listener  int    `json:",omitempty"` // descriptor of the listener in the stage
	Unwatched string `json:",omitempty"` // why there is none although the policy wants one
}

// opExec is reply.Op if the program could not be executed.
const opExec = "execve"

// A Stage is a process that waits for the program that it is to become.
type Stage struct {
	PID  int
	conn *os.File
}

// Start starts the stage. It has the standard streams of this process, and every
// descriptor of this process that is not close-on-exec.
//
// The kernel kills the stage, and later the program, when the calling thread ends. So the
// caller must have locked its thread.
func Start() (*Stage, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	conn := os.NewFile(uintptr(pair[0]), "stage")
	defer unix.Close(pair[1])
	// A high number: the low ones may be in use by a convention, as those of systemd.
	end, err := unix.FcntlInt(uintptr(pair[1]), unix.F_DUPFD, min(1000, openLimit()-16))
	if err != nil {
		conn.Close()
		return nil, err
	}
	defer unix.Close(end)
	pid, err := syscall.ForkExec(self, []string{stageName, strconv.Itoa(end)}, &syscall.ProcAttr{
		Env:   []string{"GOGC=off", "GOMAXPROCS=1"}, // it allocates little, and ends soon
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL},
	})
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("starting %s: %w", self, err)
	}
	return &Stage{PID: pid, conn: conn}, nil
}

// openLimit returns the limit of open files.
func openLimit() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<20 {
		return 1 << 20
	}
	return max(19, int(limit.Cur))
}

// Exec makes the stage become the program at path. If it fails, the stage ends; the
// caller waits for the process in either case. An [ExecError] says that the program
// cannot be executed; other errors, that the policy cannot be applied. watch is called with
// the listener if the policy wants one, or with the reason why there is none.
func (s *Stage) Exec(path string, argv, env []string, policy Policy, watch func(listener int, err error)) error {
	defer s.conn.Close()
	text, err := json.Marshal(request{path, argv, env, policy})
	if err != nil {
		return err
	}
	if _, err := s.conn.Write(text); err != nil {
		return fmt.Errorf("the stage has ended: %w", err)
	}
	if err := unix.Shutdown(int(s.conn.Fd()), unix.SHUT_WR); err != nil {
		return err
	}
	replies := json.NewDecoder(s.conn)
	ready := false
	for {
		var r reply
		err := replies.Decode(&r)
		switch {
		case errors.Is(err, io.EOF) && ready:
			return nil // the program runs, or a signal has ended it
		case err != nil:
			return fmt.Errorf("the stage has ended: %w", err)
		case r.Op == opExec:
			return &ExecError{r.Errno}
		case r.Op != "" && r.Errno != 0:
			return fmt.Errorf("%s: %w", r.Op, r.Errno)
		case r.Op != "":
			return fmt.Errorf("%s: %s", r.Op, r.Text)
		}
		if ready = true; policy.Watch {
			if err := s.watch(r, watch); err != nil {
				return err
			}
		}
	}
}

// watch takes the listener from the stage.
func (s *Stage) watch(r reply, watch func(listener int, err error)) error {
	if r.Unwatched != "" {
		watch(-1, errors.New(r.Unwatched))
		return nil
	}
	process, err := unix.PidfdOpen(s.PID, 0)
	if err != nil {
		return s.kill(os.NewSyscallError("pidfd_open", err))
	}
	defer unix.Close(process)
	fd, err := unix.PidfdGetfd(process, r.Listener, 0)
	if err != nil {
		return s.kill(os.NewSyscallError("pidfd_getfd", err))
	}
	watch(fd, nil)
	return nil
}

// kill ends the stage because of an error.
func (s *Stage) kill(err error) error {
	_ = unix.Kill(s.PID, unix.SIGKILL)
	return err
}

// Cancel ends a stage that is not needed. The caller waits for the process.
func (s *Stage) Cancel() {
	_ = s.conn.Close()
	_ = unix.Kill(s.PID, unix.SIGKILL)
}

// Main returns at once, unless this process is a stage: then it never returns.
func Main() {
	if len(os.Args) != 2 || os.Args[0] != stageName {
		return
	}
	fd, err := strconv.Atoi(os.Args[1])
	if err != nil || !fromParent(fd) {
		fmt.Fprintln(os.Stderr, "nodeint: error: this process is not started by nodeint")
		os.Exit(failed)
	}
	unix.CloseOnExec(fd)
	conn := os.NewFile(uintptr(fd), "parent")
	runtime.LockOSThread()
	op, err := become(conn)
	r := reply{Op: op, Text: err.Error()}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		r.Errno = errno
	}
	_ = json.NewEncoder(conn).Encode(r)
	os.Exit(failed)
}

// fromParent reports whether fd is a socket that the parent process made.
func fromParent(fd int) bool {
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	return err == nil && int(peer.Pid) == os.Getppid()
}

// become replaces this process by the program that the parent requests. It returns only
// if it fails, with what failed.
func become(conn *os.File) (op string, err error) {
	var r request
	if err := json.NewDecoder(conn).Decode(&r); err != nil {
		return "reading the request", err
	}
	// This thread becomes the program. Its own death signal counts, not that of the thread
	// with which the process began.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return "prctl(PR_SET_PDEATHSIG)", err
	}
	if !fromParent(int(conn.Fd())) {
		return "starting the program", errors.New("nodeint has ended")
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return "prctl(PR_SET_NO_NEW_PRIVS)", err
	}
	if r.Policy.ReadOnly != nil {
		if err := r.Policy.ReadOnly.restrict(); err != nil {
			return "landlock", err
		}
	}
	var ready reply
	if r.Policy.Watch {
		if ready.Listener, err = execwatch.Install(); err != nil {
			ready = reply{Unwatched: err.Error()}
		}
	}
	if err := json.NewEncoder(conn).Encode(ready); err != nil {
		return "answering", err
	}
	return opExec, syscall.Exec(r.Path, r.Argv, r.Env)
}
