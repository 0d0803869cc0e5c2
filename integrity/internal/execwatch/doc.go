// Package execwatch lets a process decide about every program that its descendants
// execute, before it runs. Elsewhere than on Linux for amd64 and arm64, [Install] returns an
// error.
//
// # How it works
//
// [Install] gives the calling thread a seccomp filter. That thread executes a program, or
// [ForkExec] starts a process from it. The process and all its descendants inherit the filter, and cannot remove
// it. When one of them calls execve or execveat, the kernel stops it and tells the
// process that has the [Listener]. [Listener.Serve] calls a function, which looks at the
// file, the arguments and the environment, and answers with an error number, or lets the
// kernel go on.
//
//	descendant                          process with the listener
//	execve("/usr/bin/node", …)  ──►  Serve: Exec{Path: "/usr/bin/node", File, …}
//	        (stopped)                        decide
//	EACCES, or the program runs ◄──  errno, or 0
//
// Other system calls are not stopped: the kernel decides about them once, by number.
//
// # What is seen
//
// Calls by every interface of the kernel for 64-bit and 32-bit programs. Calls by the x32
// interface of amd64, and by an interface that the filter does not know, fail with ENOSYS.
// A path is resolved as the kernel does it for the caller: from the caller's working
// directory or descriptor, below the caller's root, and with the caller's links in /proc.
// A script (#!) is one call: the kernel starts its interpreter without another, so the
// parent process reads the first line ([Shebang]).
//
// # Limits
//
//   - The path and the arguments are in the memory of the caller. A thread of the caller,
//     or a process that shares or writes that memory, can change them after they were read.
//     JavaScript cannot: the memory is the C library's.
//   - The kernel opens the file again after the answer. A process that can write the
//     directory, a link on the way, or a script can replace it in between.
//   - Processes that are no descendants are not seen: those that a service (systemd,
//     Docker, cron) starts at the request of a program.
//   - Code that gets into a process without execve is not seen: a loader of ELF files that a
//     program brings along, or ptrace.
//   - The thread gets no_new_privs, without which only root can install a filter: setuid
//     programs and file capabilities give the descendants no privileges (sudo, ping).
//   - Only one process at a time can have a listener. If an ancestor has one, Install
//     returns EBUSY.
//   - When the listener is closed, its process included, every further execve of the
//     descendants fails with ENOSYS, and so does one that waits for an answer.
//   - Reading the memory of a process needs the permission of ptrace. A process that has
//     changed its user refuses it to a listener that is not root and has no CAP_SYS_PTRACE.
//     [AllowReading] says what Yama changes.
package execwatch
