// Package resolution walks the path of a resolution again, after esbuild has
// resolved it, and records what decided it.
//
// Package graph finds the module that a specifier resolves to. It does not
// report the symbolic links, package.json files and nonexistent names on the
// way there. They decide which file Node loads just as much, so the map pins
// them too. A [Resolver] follows the steps below on directory listings that are
// read once, and adds what it consults to a [Record].
//
// # Steps
//
// The names in capitals are those of the pseudocode in the Node.js
// documentation, "All together" of Modules: CommonJS modules, and "Resolution
// Algorithm Specification" of Modules: ECMAScript modules.
//
//	step                      what is followed and what is recorded
//
//	relative or absolute      LOAD_AS_FILE, then LOAD_AS_DIRECTORY. If the last
//	path, file: URL           component is empty, "." or "..", only
//	                          LOAD_AS_DIRECTORY. If neither finds a file, the path
//	                          is recorded as missing. A path above the root counts
//	                          as found: package graph reports the file. If there is
//	                          none, the path is recorded as missing too.
//	LOAD_AS_FILE              The name, then the name with each of
//	                          nodejs.RequireExtensions. The first file is recorded,
//	                          with the links that lead to it.
//	LOAD_AS_DIRECTORY         The links to the directory and its package.json are
//	                          recorded. The member main is resolved as a path
//	                          relative to the directory, without a condition that
//	                          it stays in it, then LOAD_INDEX. If neither finds a
//	                          file, DIR/index is recorded as missing: an index.js
//	                          that appears there would win over what is found
//	                          further up.
//	LOAD_INDEX                index with each of nodejs.RequireExtensions. The first
//	                          file is recorded.
//	LOAD_NODE_MODULES and     node_modules of the directory and of each one above
//	PACKAGE_RESOLVE           it, up to the root. require skips a node_modules
//	                          directly below a node_modules; import does not. The
//	                          directory of every package entered is recorded, with
//	                          its package.json and the links to both. If no package
//	                          is found, its name is recorded as missing. import goes
//	                          no further than the first directory, which is recorded.
//	                          A name that every supported version of Node has as a
//	                          builtin consults no file. For require, a name with a
//	                          colon is that of a package.
//	PACKAGE_SELF_RESOLVE      A package that has exports and the name that is asked
//	                          for resolves to itself.
//	PACKAGE_EXPORTS_RESOLVE   The conditions are not evaluated. They decide within a
//	                          package.json that is pinned. For every target that is
//	                          a path, the links on the way to it are recorded, and
//	                          the target if it is missing or a directory. Of a
//	                          pattern, that is done for the part before the "*", and
//	                          for the whole target if the subpath is of the pattern.
//	                          If the target of the subpath depends on a condition that
//	                          Node has by its version and flags (module-sync,
//	                          node-addons), the files with and without it are recorded.
//	PACKAGE_IMPORTS_RESOLVE   As for exports. Every target that names a package is
//	                          resolved too, as import does, whatever its condition.
//	                          Without imports, "#name" is for require a package.
//	LOOKUP_PACKAGE_SCOPE      The nearest package.json upward, up to a node_modules
//	                          or the root.
//	NODE_PATH                 require only, after LOAD_NODE_MODULES: each directory as
//	                          a node_modules. In those that do not have the name, it is
//	                          recorded as missing.
//	package map               If node may be started with --experimental-package-map,
//	                          each name is also resolved by that file. The file of
//	                          exports that it leads to is recorded as well.
//	other schemes             node:, data:, https: and the like consult no file:
//	                          they count as found, and nothing is recorded.
//
// At every step, a link that leads out of the root ends the walk. It is recorded
// and counts as found, since no key of a map can name its target. Of a link that leads
// to nothing, the target is recorded as missing.
//
// Of a member that occurs twice in a package.json, the last one with a usable value
// counts, as in Node. Package graph resolves such names without esbuild, which uses the
// first one. All targets of the last exports are resolved as files, in case that the
// package is in a zip file, which package graph leaves to esbuild.
//
// # Plug'n'Play
//
// If the project uses Yarn's Plug'n'Play and the directory belongs to a package of
// its tables, the tables give the package for a name, in place of
// LOAD_NODE_MODULES, PACKAGE_SELF_RESOLVE and PACKAGE_RESOLVE. No node_modules is
// consulted. A package that the tables list and that is not installed is recorded
// as missing, by the path of its zip or directory. A name that the tables do not
// list is not recorded: the tables are pinned, so it stays unresolvable.
package resolution
