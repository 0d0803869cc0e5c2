// Package launch starts node with nodeint's hook in it, and is a good parent to
// it until it ends.
//
// # What node is given
//
// No file on disk is trusted for the hook, since whoever can write the program's
// files could write that one too. All that the hook needs is in one image (below),
// which lies in a sealed memfd where the system has that (Linux), and in a private
// file elsewhere. The environment leads to it:
//
//	NODE_OPTIONS=--import=data:text/javascript,… [--disable-sigusr1] [the user's]
//	NODE_DISABLE_COMPILE_CACHE=1
//
// The module in the data: URL, hook/bootstrap.mjs, has the places where the image
// may be found and the SHA-256 of the whole image. It is the same in the main
// thread, in workers and in child processes. Node runs all of --require before
// the first --import, so the user's --require X becomes
// --import=nodeint:require/X, X as encodeURIComponent has it, which the hook
// answers. NODE_COMPILE_CACHE is taken out. Under node's permission model
// (--permission) the flags that let the hook read the image are added beside it.
//
// # The image
//
// Numbers are little-endian.
//
//	8 bytes   "nodeint1"
//	6 × u32   length of the hook, of the configuration, of the packages;
//	          number of records; size of a digest (32, 48 or 64); 0
//	…         the hook, JavaScript in UTF-8: an expression, a function of the image
//	          and of the URL of the bootstrap
//	…         the configuration, JSON (Config)
//	…         the packages, JSON: {"node_modules/ms": "ms@2.1.3"}, by folder
//	          relative to the root, which is "" itself
//	…         zeros, up to a multiple of 8 from the start of the image
//	…         the records, sorted by their bytes
//
// A record is 24 bytes and a digest:
//
//	16 bytes  the first of the SHA-256 of the file's path: relative to the root,
//	          with slashes, in UTF-8, not percent-encoded
//	1 byte    the algorithm: 1 sha256, 2 sha384, 3 sha512
//	7 bytes   0
//	…         the digest, then zeros up to the size of a digest
//
// A file has one record for each of its digests of the strongest SHA-2 algorithm
// in its metadata; the file may have any of them (SRI §3.3.4).
//
// # The verdict
//
// A worker thread cannot end its process with a status. Where one finds a
// violation it writes the line {"pid":N} to the file descriptor of
// Config.Verdict and kills its process. Where node dies of SIGKILL, Run looks
// there for its process id, and gives the status [Stopped].
//
// # The parent
//
// Node inherits the standard streams and every other descriptor by its number.
// Signals go to node, but for those that a terminal has sent to both. Node's
// status, and the signal it died of, become the launcher's. On Linux node is
// killed where the launcher is (not one with file capabilities or a set-user-ID
// bit, for which the kernel forgets that), and nothing stays behind; elsewhere
// the private folder does. The process id of the service is the launcher's:
// under systemd that means NotifyAccess=all, and that LISTEN_PID is not node's.
//
// Where NODE_OPTIONS has --import and the command line has --require, the former
// runs first, which Node would have had the other way round.
package launch
