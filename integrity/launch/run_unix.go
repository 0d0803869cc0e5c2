//go:build unix

package launch

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/integrity/internal/confine"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A job is a running node.
type job struct {
	pid     int
	process *os.Process // for signals: it never signals another process that got the same number
	tty     bool        // there was a terminal when it started
}

func (opt *Options) run(ctx context.Context, c *channels, stage *confine.Stage, argv, env []string) (Status, error) {
	signals := make(chan os.Signal, 64)
	notify(signals)
	if !opt.Alone { // else the process ends anyway, and stopping so many takes a millisecond
		defer signal.Stop(signals)
	}
	if ctx.Err() != nil {
		cancel(stage)
		return Status{}, ctx.Err() // a signal came before node was started
	}
	pid, end, err := opt.start(stage, argv, env)
	if err != nil {
		return Status{}, err
	}
	defer end()
	j := &job{pid: pid, tty: foreground() != noTerminal}
	if j.process, err = os.FindProcess(pid); err != nil {
		return Status{}, startError(opt.Program, err)
	}
	defer j.process.Release()
	if opt.Alone {
		closeInherited(c)
		time.AfterFunc(releaseAfter, opt.release)
	}
	done := make(chan struct{})
	defer close(done)
	go j.forward(signals, done)
	return j.status(j.wait(opt.Alone), c), nil
}

// forkExec starts node. It is not os/exec, which would change the numbers of descriptors:
// node inherits all that this process got, for example an IPC channel.
func (opt *Options) forkExec(argv, env []string) (pid int, err error) {
	pid, err = syscall.ForkExec(opt.Program.Node, argv, &syscall.ProcAttr{Env: env, Files: []uintptr{0, 1, 2}, Sys: sysProcAttr()})
	if err != nil {
		return 0, startError(opt.Program, err)
	}
	return pid, nil
}

// become makes the stage become node. watch is as for [confine.Stage.Exec].
func (opt *Options) become(stage *confine.Stage, argv, env []string, watch func(listener int, err error)) error {
	err := stage.Exec(opt.Program.Node, argv, env, confine.Policy{ReadOnly: opt.ReadOnly.policy(opt.Program), Watch: watch != nil}, watch)
	if err == nil {
		return nil
	}
	reap(stage)
	if exec, ok := errors.AsType[*confine.ExecError](err); ok {
		return startError(opt.Program, exec.Err)
	}
	return problem.NotChecked("", "start without --read-only", "making the tree read-only: %w", err)
}

// cancel ends a stage, if there is one.
func cancel(stage *confine.Stage) {
	if stage != nil {
		stage.Cancel()
		reap(stage)
	}
}

// reap waits until the stage has ended.
func reap(stage *confine.Stage) {
	for {
		if _, err := syscall.Wait4(stage.PID, nil, 0, nil); !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}

// notify relays every signal that node may handle. One that was ignored when this
// process started stays ignored (nohup).
func notify(signals chan os.Signal) {
	for _, s := range forwardedSignals() {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
}

func forwardedSignals() []syscall.Signal {
	list := []syscall.Signal{
		unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGABRT, unix.SIGALRM, unix.SIGTERM,
		unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGCONT, unix.SIGTSTP, unix.SIGIO,
	}
	return append(list, extraSignals()...)
}

func (j *job) forward(signals chan os.Signal, done chan struct{}) {
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			if !j.delivered(s) {
				_ = j.process.Signal(s) // it may have ended
			}
		}
	}
}

// delivered reports whether node got the signal too. A terminal signals all processes
// in its foreground, and many programs treat a second Ctrl-C as an order to end at
// once. A kill of this process only looks the same, so it is not forwarded either while
// the process is in a terminal's foreground. SIGTERM, which no terminal sends, always
// is.
func (j *job) delivered(s os.Signal) bool {
	switch s {
	case unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP, unix.SIGWINCH, unix.SIGCONT:
		return foreground() == inForeground
	case unix.SIGHUP: // the terminal may be gone by now
		f := foreground()
		return f == inForeground || f == noTerminal && j.tty
	}
	return false
}

const (
	noTerminal = iota
	inForeground
	inBackground
)

// foreground returns whether this process is in the foreground of its terminal.
func foreground() int {
	fd, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return noTerminal
	}
	defer unix.Close(fd)
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	switch {
	case err != nil:
		return noTerminal
	case group == unix.Getpgrp():
		return inForeground
	}
	return inBackground
}

// wait waits for node to end. With all it also collects the other children that end
// until then.
func (j *job) wait(all bool) syscall.WaitStatus {
	target := j.pid
	if all {
		target = -1
	}
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(target, &ws, syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR) || err == nil && pid != j.pid:
		case err != nil:
			return 0 // not reached: nothing else waits for it
		case !ws.Stopped():
			return ws
		case all && j.tty:
			stopSelf(ws.StopSignal())
		}
	}
}

// stopSelf stops this process when the terminal has stopped node, so that the shell
// notices. SIGCONT, which continues it, is forwarded to node.
func stopSelf(s syscall.Signal) {
	switch s {
	case unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		_ = unix.Kill(os.Getpid(), unix.SIGSTOP)
	}
}

func (j *job) status(ws syscall.WaitStatus, c *channels) Status {
	switch {
	case !ws.Signaled():
		return Status{Code: ws.ExitStatus()}
	case ws.Signal() == unix.SIGKILL && c.stopped(j.pid):
		return Status{Code: Stopped}
	}
	return Status{Code: 128 + int(ws.Signal()), Signal: int(ws.Signal())}
}

// closeInherited closes what node has inherited. Standard error stays open for
// messages.
func closeInherited(c *channels) {
	if null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0); err == nil {
		_ = dup2(int(null.Fd()), 0)
		_ = dup2(int(null.Fd()), 1)
		null.Close()
	}
	for _, fd := range inheritedFDs() {
		if (c.verdict == nil || fd != int(c.verdict.Fd())) && fd != int(c.image.Fd()) {
			_ = unix.Close(fd)
		}
	}
}

// releaseAfter is how long node runs until this process gives its memory back. A program
// that ends before does not pay for that: it takes 30 ms after a map of 25,000 files.
const releaseAfter = 2 * time.Second

// release gives back the memory of the verification, which is garbage by now.
func (opt *Options) release() {
	if opt.Settled != nil {
		opt.Settled()
	}
	debug.FreeOSMemory()
	releaseCode()
}

// inheritedFDs returns the descriptors that this process inherited, without the
// standard streams: Go marks its own close-on-exec.
func inheritedFDs() []int {
	dir, err := os.ReadDir("/dev/fd")
	if err != nil {
		return nil
	}
	var list []int
	for _, e := range dir {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd < 3 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			list = append(list, fd)
		}
	}
	return list
}

// inheritable duplicates f under a high number that node inherits.
func inheritable(f *os.File) (*os.File, error) {
	const high = 1000 // below the usual limit of 1,024
	var limit unix.Rlimit
	from := high
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err == nil && limit.Cur < high+16 {
		from = max(3, int(limit.Cur)-16)
	}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD, from)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// KillSelf ends this process by the signal that ended node. It returns if that is
// impossible: the first process of a container cannot kill itself.
func KillSelf(number int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Node has written its core file, if any; a second would overwrite it.
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	raise(syscall.Signal(number))
}
