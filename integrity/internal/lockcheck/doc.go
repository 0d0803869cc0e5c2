// Package lockcheck compares each installed file with the archive that its package
// came in, and so with the digest of that archive in the lockfile. A hash of a file
// in node_modules shows that the file has not changed since the hash was made. The
// comparison shows that the file is the one that was published.
//
// For each package of the lockfile that is installed, every file of its directory
// is compared with the listing of the archive (package tarball). Each file gets one
// provenance class:
//
//	anchored       the archive has these bytes at this path
//	derived        the package manager made it from a file of the archive:
//	               .npmignore from .gitignore, or a program whose first line
//	               ended in CR LF
//	alias          the bytes are those of an anchored file of a package of the same
//	               family, and the archive has other bytes or no file at this path:
//	               esbuild replaces its own script by the binary of
//	               @esbuild/linux-x64
//	patched        the archive has the file, and a patch of the project names it
//	script-output  the install scripts of the package may write it (Request.Scripts)
//	manager-meta   the package manager's own files in node_modules, by their names and
//	               kinds
//	unanchored     there is no archive to compare with; the package's Reason says why
//
// Everything else is a finding: a file with other bytes, a file that the archive
// does not contain, a file of the archive that is not installed, a directory in
// node_modules that the lockfile does not list, and an archive that is not the one
// that the lockfile names.
//
// All files of a package are unanchored if the lockfile has no strong digest of its
// archive (git, directories, SHA-1), or if the archive cannot be found. So are those of
// a package that the archive of such a package bundles.
//
// An archive must be that of the package that the lockfile names, by the package.json in
// it: see checkManifests.
//
// [Result.Account] compares the outcome with the files that the program loads. A file in
// a node_modules that none of the above accounts for is added as a file of an unanchored
// package.
//
// # Where packages are
//
// The lockfiles of npm and pnpm list the directories. For yarn 1, bun, and yarn 2
// and later with the linker node-modules, each directory in a node_modules is looked
// up by its own name and by the name and version in its package.json. A package.json
// with a false name or version only selects another archive to compare with.
//
// A store (node_modules/.pnpm, .bun, .store) has a directory for each package, with a
// node_modules that contains the package and links to its dependencies. The lockfiles of
// npm and Yarn do not list the directories of their stores, so these packages are looked
// up too. If nothing is at a place that the lockfile names, the layout is unknown, which
// is one error: see checkLayout.
//
// Under Yarn's Plug'n'Play, the tables list the directories, and a locator (name and
// reference) finds the package in yarn.lock.
//
// A symbolic link must point to one of those directories, to a member of the
// workspace, or be in the lockfile. Which of them it points to is not compared here:
// the map records it. The entries of node_modules/.bin are ignored. An empty
// directory in a node_modules is ignored too: pnpm leaves one, node_modules/.tmp, in
// each package whose install script it ran.
//
// # Limits
//
// A malicious archive that was published passes the comparison. A patch is recognized
// by the files that it names; the result of applying it is not computed. What an
// install script of an allowed package writes is pinned by the map and compared with
// nothing.
package lockcheck
