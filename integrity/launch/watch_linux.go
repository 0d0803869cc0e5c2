//go:build amd64 || arm64

package launch

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/integrity/internal/confine"
	"github.com/nodeint/nodeint/integrity/internal/execwatch"
)

// onThread calls f on a thread of its own, to which a filter belongs.
func onThread(f func()) { execwatch.OnThread(f) }

// Stage must be the first call of a program that calls [Run]. Run starts that program
// again, to apply restrictions of the system or for processes that node has left behind.
// Then Stage does not return. Otherwise it returns at once.
func Stage() {
	outliveMain()
	confine.Main()
}

// start starts node, or makes the stage become node. If the kernel can, it stops every
// program that node and its descendants execute until the check has decided about it. end
// must be called once node has ended.
func (opt *Options) start(stage *confine.Stage, argv, env []string) (pid int, end func(), err error) {
	end = func() {}
	const alone = "node's children are checked by the preload alone: "
	watched := opt.check != nil
	if watched && opt.Alone {
		if err := execwatch.AllowReading(); err != nil {
			opt.notice(alone + err.Error())
			watched = false
		}
	}
	serve := func(fd int, err error) {
		var l *execwatch.Listener
		if err == nil {
			l, err = execwatch.NewListener(fd)
		}
		if err != nil {
			opt.notice(alone + err.Error())
			return
		}
		end = opt.serveExecs(l)
	}
	switch {
	case stage != nil && !watched:
		return stage.PID, end, opt.become(stage, argv, env, nil)
	case stage != nil:
		err = opt.become(stage, argv, env, serve)
		pid = stage.PID
	case !watched:
		pid, err = opt.forkExec(argv, env)
		return pid, end, err
	default:
		fd, failed := execwatch.Install()
		if serve(fd, failed); failed != nil {
			pid, err = opt.forkExec(argv, env)
			return pid, end, err
		}
		if pid, err = execwatch.ForkExec(opt.Program.Node, argv, env); err != nil {
			err = startError(opt.Program, err)
		}
	}
	if err != nil {
		end()
	}
	return pid, end, err
}

// serveExecs starts to decide about calls of execve. The result ends it.
func (opt *Options) serveExecs(l *execwatch.Listener) (end func()) {
	w := newWatch(opt.check)
	w.own.Store(true)
	served := make(chan error, 1)
	go func() { served <- l.Serve(w.decide) }()
	opt.after = func() {
		if opt.Alone {
			if err := outlive(l, opt.check); err != nil {
				fmt.Fprintln(os.Stderr, "nodeint: error: processes that node has left behind can start no more programs: "+err.Error())
			}
		}
		l.Close()
	}
	return func() {
		l.Stop()
		<-served
		l.Wait(time.Second)
	}
}

// A watch decides about calls of execve.
type watch struct {
	check *execCheck
	node  unix.Stat_t // of node
	self  unix.Stat_t // of nodeint
	own   atomic.Bool // the next call is that by which this process starts node
}

func newWatch(check *execCheck) *watch {
	w := &watch{check: check}
	_ = unix.Stat(check.node, &w.node) // else starting it fails
	_ = unix.Stat("/proc/self/exe", &w.self)
	return w
}

func isSame(a, b *unix.Stat_t) bool { return a.Dev == b.Dev && a.Ino == b.Ino }

// decide returns the error of a call, or 0. A call of a program that does not exist, or
// that the kernel would refuse, gets the kernel's error.
//
// The first call is nodeint's own, with the command line and the environment that it has
// just checked: no other process has the filter. To read them again from the new process
// takes 4 ms, since each page that they are on has to be copied.
func (w *watch) decide(e *execwatch.Exec) syscall.Errno {
	if w.own.CompareAndSwap(true, false) {
		return 0
	}
	path, err := e.Path()
	var v *execViolation
	if err == nil {
		v, err = w.judge(e, path)
	}
	if v == nil && err == nil {
		return 0
	}
	if v == nil {
		errno, ok := errors.AsType[syscall.Errno](err)
		if ok && errno != unix.EACCES && errno != unix.EPERM {
			return errno
		}
		if !isUnreadable(e) {
			return unix.EACCES // the file is not there for the caller either
		}
		v = unreadable(e.PID, err)
		path = cmp.Or(path, "a program")
	}
	if !e.Pending() {
		return unix.EINTR // nobody waits
	}
	w.check.report(e.PID, path, v)
	if w.check.config.OnViolation == OnLog {
		return 0
	}
	return unix.EACCES
}

// unreadable returns the violation of a process whose memory cannot be read.
func unreadable(tid int, err error) *execViolation {
	const capability = "give nodeint the capability CAP_SYS_PTRACE"
	if all, idErr := idsOf(tid); idErr == nil && all.uid == os.Getuid() && all.gid == os.Getgid() {
		return &execViolation{codeExec, "its process does not let others read its memory (PR_SET_DUMPABLE, or a program that can be executed and not read): " + err.Error(), capability}
	}
	return &execViolation{codeExec, "reading the memory of its process: " + err.Error(), "start nodeint as the user as whom the program runs, or " + capability}
}

// isUnreadable reports whether the memory of the caller cannot be read: it has changed
// its user.
func isUnreadable(e *execwatch.Exec) bool {
	_, err := e.Argv()
	return errors.Is(err, os.ErrPermission)
}

// judge returns why the file must not be executed. The error is that of finding it.
func (w *watch) judge(e *execwatch.Exec, path string) (*execViolation, error) {
	f, info, err := e.Open()
	var head []string // what stands in place of argv[0], if a script is executed
	for range maxInterpreters + 1 {
		if info == nil {
			return nil, err
		}
		if info.Mode&unix.S_IFMT != unix.S_IFREG {
			f.Close()
			return nil, nil // the kernel executes no other file
		}
		words, isScript, readErr := firstLine(f)
		if readErr != nil {
			f.Close()
			return nil, readErr
		}
		if !isScript {
			v, err := w.program(e, executable{f, info, err}, head)
			f.Close() // which may be nil
			return v, err
		}
		f.Close()
		if len(head) == 0 {
			head = []string{path}
		}
		head = append(words, head...)
		f, info, err = e.OpenPath(words[0])
	}
	f.Close()
	return nil, unix.ELOOP
}

// maxInterpreters is the number of scripts that the kernel follows, each the interpreter
// of the one before.
const maxInterpreters = 5

// firstLine reads the first line of a script: its interpreter, and the argument if there is
// one. A file that is nil has none.
func firstLine(f *os.File) (words []string, ok bool, err error) {
	if f == nil {
		return nil, false, nil
	}
	head := make([]byte, execwatch.HeadSize)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	words, ok = execwatch.Shebang(head[:n])
	return words, ok, nil
}

// An executable is a file that the kernel loads itself. file is nil if err tells why it
// cannot be read.
type executable struct {
	file *os.File
	info *unix.Stat_t
	err  error
}

// program decides about a file that the kernel loads itself. head is what stands in place
// of argv[0], if a script was executed.
func (w *watch) program(e *execwatch.Exec, x executable, head []string) (*execViolation, error) {
	k, err := w.kindOf(x)
	if err != nil {
		return &execViolation{codeExec, "nodeint cannot tell whether it is node: " + err.Error(), "make it readable for the user who starts nodeint"}, nil
	}
	if k == foreign {
		return nil, nil
	}
	if why, hint, err := ignoresOptions(e.PID, x.file); err != nil {
		return nil, err
	} else if why != "" {
		return &execViolation{codeExec, "node would ignore NODE_OPTIONS, and the preload would not start: " + why, hint}, nil
	}
	argv, err := e.Argv()
	if err != nil {
		return nil, err
	}
	if len(head) > 0 {
		argv = append(head, argv[1:]...)
	}
	if k == isLoader {
		l, v := w.loaded(e, argv)
		if l == nil {
			return v, nil
		}
		defer l.file.Close()
		argv, x, k = l.argv, l.executable, l.kind
	}
	if k == isSingle {
		return &execViolation{codeExec, fileName(x.file) + " is a single executable application, whose code is in no file of the map", "start the script itself with node"}, nil
	}
	if name := fileName(x.file); !isSame(x.info, &w.node) && isBelow(name, w.check.config.Root) {
		return &execViolation{codeExec, name + " is a copy of node in the program's tree, where it may be changed", "start the node with which nodeint run was started: process.execPath"}, nil
	}
	env, err := e.Env()
	if err != nil {
		return nil, err
	}
	if w.isSelf(e.PID) {
		w.check.addNested(env)
	}
	return w.check.nodeProcess(argv, env), nil
}

// isSelf reports whether a process runs nodeint: it starts node with a map of its own.
func (w *watch) isSelf(pid int) bool {
	var info unix.Stat_t
	return unix.Stat(fmt.Sprintf("/proc/%d/exe", pid), &info) == nil && isSame(&info, &w.self)
}

// fileName returns the path of an open file.
func fileName(f *os.File) string {
	if f == nil {
		return ""
	}
	name, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
	return name
}

func isBelow(name, root string) bool {
	return strings.HasPrefix(name, strings.TrimSuffix(root, "/")+string(filepath.Separator))
}
