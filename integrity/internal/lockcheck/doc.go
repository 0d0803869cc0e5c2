// Package lockcheck ties each installed file to the archive that its package came in,
// and so to the digest that the lockfile holds of that archive. A hash of what lies
// in node_modules says that it has not changed since; an anchor says that it is what
// was published.
//
// For each package of the lockfile that lies on disk, every file of its folder is
// compared with the archive's listing (package tarball), and gets one class:
//
//	anchored       the archive has these bytes at this path
//	derived        the manager made it of what the archive has: .npmignore of a
//	               .gitignore, a program whose first line ended in CR LF
//	alias          the archive has other bytes or none there, and they are those of
//	               an anchored file of a package of the same family: esbuild puts the
//	               binary of @esbuild/linux-x64 in the place of its own script
//	patched        the archive has the file, and a patch in the project names it
//	script-output  the package is one whose install scripts may write (Options)
//	manager-meta   the manager's own notes in node_modules, which hold no module
//	unanchored     nothing vouches for it; the package's Reason says why
//
// What is in none of them is a finding: a file with other bytes, one that the archive
// does not have, one of the archive's that is not there, a folder in node_modules that
// the lockfile does not know, and an archive that is not the one that the lockfile
// names.
//
// A package is unanchored, with all its files, where the lockfile has no digest of an
// archive (git, folders, what is not sha256 or better), or the archive is nowhere to
// be had.
//
// # Where packages lie
//
// The lockfiles of npm and pnpm say it. For yarn 1, bun, and yarn 2 and later with the
// linker node-modules each folder in a node_modules is looked up by its name and by the
// name and version in its package.json: to lie about those is to be compared with
// another archive.
//
// A symbolic link has to lead to one of those folders, to a member of the workspace,
// or where the lockfile has a link. To which of them is the map's to hold. What lies in
// node_modules/.bin is passed over, and so is a folder in a node_modules with nothing in
// it: pnpm leaves one, node_modules/.tmp, in each package whose install script it ran.
//
// # What it does not do
//
// A malicious archive that was published is its own anchor. A patch is recognised by
// the files it names; that the result is what it would make is not computed. What an
// install script of an allowed package writes is pinned by the map and vouched for by
// nobody.
package lockcheck
