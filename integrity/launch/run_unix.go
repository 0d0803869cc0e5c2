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
)

// A job is a node that runs.
type job struct {
	pid     int
	process *os.Process // for signals: it never hits a process that has taken the number over
	tty     bool        // there was a terminal when it began
}

func (opt *Options) run(ctx context.Context, c *channels, argv, env []string) (Status, error) {
	signals := make(chan os.Signal, 64)
	listen(signals)
	if !opt.Alone { // else the process ends, and to take so many back takes a millisecond
		defer signal.Stop(signals)
	}
	if ctx.Err() != nil {
		return Status{}, ctx.Err() // one came before there was anybody to hand it to
	}
	// The child dies with the thread that forked it (PR_SET_PDEATHSIG), which
	// so has to be there as long as this process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// ForkExec, and not os/exec, which would give descriptors other numbers: all
	// that this process was given, an IPC channel say, is inherited as it is.
	pid, err := syscall.ForkExec(opt.Program.Node, argv, &syscall.ProcAttr{Env: env, Files: []uintptr{0, 1, 2}, Sys: attributes()})
	if err != nil {
		return Status{}, notStarted(opt.Program, err)
	}
	j := &job{pid: pid, tty: foreground() != noTerminal}
	if j.process, err = os.FindProcess(pid); err != nil {
		return Status{}, notStarted(opt.Program, err)
	}
	defer j.process.Release()
	if opt.Alone {
		letGo(c)
	}
	done := make(chan struct{})
	defer close(done)
	go j.forward(signals, done)
	return j.status(j.wait(opt.Alone), c), nil
}

// listen asks for every signal that means something to node. One that was
// ignored when this process began stays ignored (nohup).
func listen(signals chan os.Signal) {
	for _, s := range forwarded() {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
}

func forwarded() []syscall.Signal {
	list := []syscall.Signal{
		unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGABRT, unix.SIGALRM, unix.SIGTERM,
		unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGCONT, unix.SIGTSTP, unix.SIGIO,
	}
	return append(list, moreSignals()...)
}

func (j *job) forward(signals chan os.Signal, done chan struct{}) {
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			if !j.hasIt(s) {
				_ = j.process.Signal(s) // it may have ended
			}
		}
	}
}

// hasIt reports whether node has got the signal as well: a terminal sends to all
// processes in its foreground, and many programs take a second Ctrl-C as an
// order to drop everything. A kill of this process alone looks the same, and is
// not handed on either while it is in a terminal's foreground; SIGTERM, which no
// terminal sends, always is.
func (j *job) hasIt(s os.Signal) bool {
	switch s {
	case unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP, unix.SIGWINCH, unix.SIGCONT:
		return foreground() == inFront
	case unix.SIGHUP: // the terminal may be gone by now
		f := foreground()
		return f == inFront || f == noTerminal && j.tty
	}
	return false
}

const (
	noTerminal = iota
	inFront
	behind
)

// foreground says whether this process is in the foreground of its terminal.
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
		return inFront
	}
	return behind
}

// wait waits for node to end; where it is to collect every child, for all of
// them until then.
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
			return 0 // not reached: nobody else waits for it
		case !ws.Stopped():
			return ws
		case all && j.tty:
			stopAlong(ws.StopSignal())
		}
	}
}

// stopAlong stops this process as the terminal has stopped node, so that the
// shell takes note. What continues it, continues node (SIGCONT is handed on).
func stopAlong(s syscall.Signal) {
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

// letGo closes what node has taken over. Standard error stays, for what this
// process may have to say.
func letGo(c *channels) {
	if null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0); err == nil {
		_ = dup2(int(null.Fd()), 0)
		_ = dup2(int(null.Fd()), 1)
		null.Close()
	}
	for _, fd := range inherited() {
		if (c.verdict == nil || fd != int(c.verdict.Fd())) && fd != int(c.image.Fd()) {
			_ = unix.Close(fd)
		}
	}
	// What the verification needed is garbage by now. A program that ends soon
	// does not wait for it to be collected.
	time.AfterFunc(time.Second, debug.FreeOSMemory)
}

// inherited lists the descriptors that this process was given and that are not
// the standard streams: Go marks its own to be closed on exec.
func inherited() []int {
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

// inheritable gives f a high number that node inherits.
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

// Die ends this process by a signal, as node was ended. It returns where that
// cannot be: the first process of a container cannot kill itself.
func Die(number int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Node has left its core file, if any; a second would hide it.
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	raise(syscall.Signal(number))
}
