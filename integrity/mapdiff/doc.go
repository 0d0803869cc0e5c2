// Package mapdiff compares two maps for a person who decides whether to accept a change.
//
// # Packages
//
// A map has packages in directories. The same package may be in several directories, and an
// install may move it. So packages are compared by name and version, wherever they are:
//
//   - A version that both maps have is compared with itself: with the one in the same
//     directory, unless another one has the same files. If its files are the same and no
//     remark applies, it is not listed. If only its directory differs, it is in Moved.
//   - A version that only the new map has replaces one that only the old map has: first the
//     one in the same directory, then by order of versions.
//   - The other versions of the new map are added, those of the old map removed.
//
// The project and members of its workspace are own packages. They are compared by
// directory, and a file belongs to the nearest package.json above it. Below node_modules, a file
// belongs to the directory after the last node_modules: packages contain copies of others.
//
// A file is changed if the two maps have different digests of it. If they have no algorithm
// in common, this cannot be decided: Rehashed counts such files.
//
// # Remarks
//
// A remark is something about one package that a reviewer wants to know, with a code, see
// the constants. An alert is a remark that should not be accepted without a look.
//
// # Other parts
//
// Settings are what decides which files a map pins and which files names mean. Names are
// names that mean a file of another package than before. Parts are the remaining members of
// the map that differ. A report of two maps that differ is never empty.
//
// # The report in Markdown
//
// [Report.Markdown] writes for a comment on GitHub, GitLab and the like. Names and paths of a
// map are written by somebody who may be an attacker. They are in code spans, or else in
// character references, so they cannot end a table, link, mention people or add markup.
package mapdiff
