// Package confine starts a program under restrictions of the Linux kernel, which then
// apply to the program and to all its children.
//
// # The stage
//
// The restrictions must be in place before the program starts, and must not apply to
// nodeint itself. So [Start] starts nodeint's own binary (/proc/self/exe) again: the
// stage. In it, [Main] sets no_new_privs, applies the restrictions, and replaces itself
// by the program (execve). The program has the process id, the process group, the
// terminal, the descriptors and the signals of the stage.
//
// The stage is recognised by its argv[0], which no shell produces by accident, and by the
// descriptor in its first argument: one end of a socket whose other end belongs to the
// parent process. Without that socket it ends with status 5.
//
// # The socket
//
// Each side sends JSON texts. The parent sends one request: the program and the [Policy].
// The stage applies the policy, sends {} when it is in place, and starts the program.
// Then the socket is closed, because the stage's end is close-on-exec. If the policy wants
// programs to be watched, {} has the number of the listener's descriptor in the stage, and
// the parent takes it while the stage waits in execve (pidfd_getfd). A text with
// an error instead means that the program was not started.
//
// The parent knows the process id before it sends the request. So what it gives to the
// program may name /proc/PID. Under Landlock, the children of the program cannot read
// /proc of nodeint's own process, but they can read that of the program.
//
// # Read-only
//
// A Landlock rule permits; none forbids. So the policy of a read-only tree
// has one rule for each entry of each directory above what it protects, except the
// protected entries themselves. An entry that is made later in such a directory has no
// rule, and such a directory itself has none: nothing can be created in it.
//
// What may be executed cannot be written, and what may be written cannot be executed.
package confine

// A Policy is what applies to a program and its children.
type Policy struct {
	ReadOnly *ReadOnly // nil if the program may write and execute any file
	Watch    bool      // tell the parent about every program that is executed: package execwatch
}

// ReadOnly says which files the program may write and execute. All paths are absolute.
// Those of Execute and Write have no links. A path that does not exist is ignored.
type ReadOnly struct {
	Protect []string // files and directories that nobody may write
	Execute []string // files, and directories of files, that may be executed; they are protected too
	Write   []string // files and directories that may be written although they are in Protect
}

// minABI is the first version of Landlock's ABI that can forbid truncate (Linux 6.2).
const minABI = 3

// An ExecError is the error of execve: the policy is in place, but the program cannot be
// executed.
type ExecError struct{ Err error }

func (e *ExecError) Error() string { return e.Err.Error() }

// Unwrap returns the errno.
func (e *ExecError) Unwrap() error { return e.Err }
