// Package launch starts node with the preload (package preload) and is its parent
// process until it ends.
//
// # What node gets
//
// The preload trusts no file on disk: an attacker who can write the program's files
// could write that file too. All that the preload needs is in one image (below). On Linux
// the image is in a sealed memfd, elsewhere in a private file. The environment names
// it:
//
//	NODE_OPTIONS=--import=data:text/javascript,…#… [--disable-sigusr1] [the user's]
//	NODE_DISABLE_COMPILE_CACHE=1
//
// The data: URL is a module that runs the script in its fragment, preload.Bootstrap. That has
// the paths at which the image may be, the SHA-256 of the image's head, and the module of
// package sha256wasm. It is the same in the main thread, in workers and in child processes.
// Node runs every --require before the first --import, so the user's --require X becomes
// --import=nodeint:require/X, with X encoded as by encodeURIComponent, which the preload
// answers. Variables by which node or
// the system's loader load code are removed or fixed ([nodeflags.Variables]). Under node's
// permission model (--permission) the flags that let the preload read the image are
// added.
//
// # The image
//
// Numbers are little-endian.
//
//	8 bytes   "nodeint2"
//	6 × u32   length of the script, of the configuration; number of records; size of a
//	          digest (32, 48 or 64); length of the names, of the packages
//	…         the script, JavaScript in UTF-8: an expression whose value is a function
//	          of the image, of the URL of the bootstrap, and of the exports of the module
//	          of package sha256wasm, undefined without WebAssembly
//	…         the configuration, JSON (Config)
//	…         zeros, up to a multiple of 8 from the start of the image
//	…         the SHA-256 of each block of the body
//
// This is the head, which every process and thread reads. The rest is the body. Its blocks
// have 16 KiB each, except for the last, and are read when they are needed, so a start costs
// the same for any number of pinned files.
//
//	…         the records, sorted by their bytes
//	…         the names, as package nametable specifies them
//	…         the packages, JSON: {"node_modules/ms": "ms@2.1.3"}, by directory
//	          relative to the root, which is "" itself
//
// A record is 24 bytes and a digest:
//
//	16 bytes  the first of the SHA-256 of the file's path: relative to the root,
//	          with slashes, in UTF-8, not percent-encoded
//	1 byte    the algorithm: 1 sha256, 2 sha384, 3 sha512
//	7 bytes   0
//	…         the digest, then zeros up to the size of a digest
//
// A file has one record for each of its digests of the strongest SHA-2 algorithm in
// its metadata. The file may have any of them (SRI §3.3.4).
//
// # The verdict
//
// A worker thread cannot end its process with a status. When one finds a violation,
// it writes the line {"pid":N} to the file descriptor of Config.Verdict and kills its
// process. If node dies of SIGKILL, Run looks there for its process id, and returns
// the status [Stopped].
//
// With trusted directories (Config.Trust), every process and thread also opens that
// file at the path Config.Tally, and writes the line {"pid":N,"trusted":PATH} when it
// first loads a file of one.
//
// # Programs that node starts
//
// On Linux (amd64 and arm64) the kernel stops every program that node or a descendant
// executes, until the launcher has decided (package execwatch). The launcher looks at what
// the file is, under whatever name:
//
//   - the node that Run has started; another file that has or uses node's symbols, or its
//     bytes: it may start with flags that [ParseCommand] accepts, without --require, if
//     NODE_OPTIONS loads the preload before any other module. A copy of node below the
//     root is refused
//   - a script (#!): as its interpreter with the script's flags
//   - the dynamic loader: as the node in its arguments
//   - a file that cannot be read: refused, unless it belongs to root
//   - every other program may run
//
// execve then fails with EACCES, or succeeds if Config.OnViolation is [OnLog]. The
// launcher reports the violation as the preload does.
//
// A nodeint that the program starts may start node with a preload and a map of its own. It
// removes the outer preload from NODE_OPTIONS. The outer launcher accepts the inner
// preload from then on. The kernel gives the inner launcher no listener, so the outer one
// decides about its children too.
//
// If descendants of node are left when node has ended, Run starts a process of nodeint's
// binary that goes on deciding until they have ended ([Stage]). It reports only to
// Config.Report. When the launcher or that process is killed, the descendants can execute
// no more programs (ENOSYS).
//
// The preload of every process writes the line {"pid":N,"started":true} before the program
// runs. If none has, and the program ends with status 0, Run returns an error: what ran
// was no node that reads NODE_OPTIONS.
//
// # The parent
//
// Node inherits the standard streams and every other descriptor with its number.
// Signals are forwarded to node, except those that a terminal has sent to both.
// The launcher ends with node's status, or by the signal that ended node. On Linux
// the kernel kills node when the launcher is killed, and nothing is left behind. It
// does not do so for a node with file capabilities or a set-user-ID bit. Elsewhere
// the private directory is left behind. Two seconds after the start, the launcher gives
// back the memory of the verification, and on Linux the pages of its own code too. The
// process id of the service is the launcher's: systemd needs NotifyAccess=all, and
// LISTEN_PID is not node's.
//
// With Options.ReadOnly, the process that becomes node first restricts itself
// (package confine). Landlock then keeps node from /proc of the launcher, so the
// image and the verdict are named by /proc of node's own process.
//
// If NODE_OPTIONS has --import and the command line has --require, the former runs
// first. Node itself runs the latter first.
package launch
