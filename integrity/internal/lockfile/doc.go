// Package lockfile parses the lockfiles of npm, yarn, pnpm and bun. The result lists the
// packages, the directories where the package manager installs them, and the digests of
// their archives. The package reads no other files and asks no registry, except that
// [Find] reads package.json.
//
// # What is rejected
//
// A lockfile may come from an attacker, and other programs read it too. What two
// readers could understand differently is rejected. In every format:
//
//   - invalid UTF-8, a byte order mark (except one in npm's, which npm ignores too),
//     merge conflict markers, a version of the format that is not listed below;
//   - a name or key that occurs twice in one object or mapping, at any level;
//   - more than 64 MiB (YAML: 16 MiB and a million values), 64 levels, 100,000
//     packages, 8 KiB in one string, 16 digests of one package;
//   - a package name that is not name or @scope/name, with elements that are plain file
//     names on every system: not empty, not "..", no / \ : or unprintable character, no
//     dot at the beginning, no dot or space at the end, not node_modules;
//   - a place that is not clean or not inside the root, and two packages at one place;
//   - integrity that is not base64 of the length of its algorithm, or that has none of
//     sha512, sha384, sha256 and sha1. Missing integrity is not an error: see Package.
//
// In YAML also: anchors, aliases, tags, merge keys, keys that are not strings, more
// documents than the package manager writes, and the characters that end a line in only
// one of YAML 1.1 and 1.2 (CR without LF, U+0085, U+2028, U+2029).
//
// Members that are not listed below are ignored: engines, binaries, licenses, settings.
//
// # Dependencies
//
// [Lock].Edges is the dependency graph. Parse resolves a dependency to a package as the
// package manager or Node does:
//
//	npm      the nearest node_modules directory that has it: a package at A looks in
//	         A/node_modules, then in those of the directories above A
//	pnpm     the version in the importer or snapshot, with the name: a key of snapshots
//	yarn     NAME@RANGE: one of the descriptors in the key of an entry
//	bun      the first of A/B/NAME, A/NAME and NAME that is a key
//
// These members are read: dependencies, optionalDependencies, devDependencies (of the
// project's own directories), dependenciesMeta (yarn 2 and later), peerDependencies and
// peerDependenciesMeta or optionalPeers (npm, bun). In pnpm's lockfile, peers are among
// the other dependencies. For yarn, peers have no edges: yarn 1 does not record them, and
// what provides a peer in yarn 2 and later is the dependency of another package. If the
// type of a group is wrong, it is ignored, because npm copies what packages have
// published. More than a million dependencies are rejected.
//
// [Lock.Require] decides from the graph which packages an install may leave out. Until
// it is called, Dev and Optional are what the lockfile records.
//
// # npm: package-lock.json, npm-shrinkwrap.json, lockfileVersion 2 and 3
//
//	{
//	  "lockfileVersion": 3,
//	  "packages": {
//	    "": {"name": "shop", "version": "1.0.0"},
//	    "node_modules/ms-old": {"name": "ms", "version": "2.0.0", "integrity": "sha512-…"},
//	    "node_modules/@shop/a": {"resolved": "packages/a", "link": true},
//	    "packages/a": {"name": "@shop/a"}
//	  }
//	}
//
// The key is the only place. A key without node_modules is a directory of the project
// (Member). These members of a package are read: name (of an alias), version, resolved,
// integrity, link, inBundle, bundleDependencies, dev, optional, devOptional (one of the
// two, so it sets both), os, cpu, libc. A package with inBundle comes from the tarball
// of the nearest parent package without inBundle. What the project itself bundles was
// fetched like any other package. A key that begins with "../" has no place (Outside).
//
// The member dependencies of version 2 repeats everything for npm 6 and is ignored.
// Version 1 has nothing else and is rejected: it does not record the directories.
// npm-shrinkwrap.json takes precedence over package-lock.json, as in npm.
//
// # yarn 1: yarn.lock with the comment "# yarn lockfile v1"
//
//	"ms-old@npm:ms@2.0.0", "ms-old@npm:ms@^2.0.0":
//	  version "2.0.0"
//	  resolved "https://registry.example/ms/-/ms-2.0.0.tgz#5608aeadfc00be6c2901df5f9861788de0d597c8"
//	  integrity sha512-…
//	  dependencies:
//	    other "^1.0.0"
//
// The directories are not recorded, so Places is empty. A package is found by the
// directory Alias in some node_modules, and by the Name and Version in its package.json.
// The patterns, version, resolved and integrity are read. The SHA-1 in the fragment of a
// URL is one of the digests; the tarball of a file has no other. Links and directories
// have no digest. The project's own directories, bundled packages, os, cpu and peers are
// not in the file, and neither is what is optional or for development: see [Lock.Require].
// The packages that a tarball bundles are in its node_modules, and yarn also fetches them
// separately.
//
// # yarn 2 and later: yarn.lock with __metadata, version 4 to 10
//
//	__metadata:
//	  version: 8
//	  cacheKey: 10c0
//
//	"ms-old@npm:ms@2.0.0, ms@npm:2.0.0":
//	  version: 2.0.0
//	  resolution: "ms@npm:2.0.0"
//	  checksum: 10c0/f8fda810…
//	  conditions: os=linux & cpu=x64
//	  linkType: hard
//
// The version, resolution, checksum and conditions are read. An entry is one package for
// each name in its key. The checksum is the SHA-512 of the zip in yarn's cache. The zip
// is made with the settings that the cache key names (10c0: version 10, compression 0)
// and has the patches applied. The checksum is not a digest of the registry's tarball.
// Packages with conditions usually have no checksum, so they have no archive to compare
// with. The zip is SLUG-HASH.zip in .yarn/cache, where HASH is the first ten digits of
// the checksum. It is SLUG-CACHEKEY.zip in the cache of the machine, or if there is no
// checksum.
//
// Places are those in .yarn/unplugged (Plug'n'Play) and in node_modules/.store (the
// linker pnpm). Neither needs to exist. Packages with peers have a digest in that name
// that the lockfile does not record ("-virtual-"). With the linker node-modules, a
// package is found as for yarn 1. node_modules/.yarn-state.yml also records the places,
// but nothing authenticates it. A patch: reference keeps the kind of the patched package,
// and Patch names the files.
//
// # pnpm: pnpm-lock.yaml, lockfileVersion 6.0 (pnpm 8) and 9.0 (pnpm 9 to 12)
//
//	lockfileVersion: '9.0'
//	patchedDependencies:
//	  is-number@7.0.0: df15c1d8…
//	importers:
//	  .:
//	    dependencies:
//	      a: {specifier: 'workspace:*', version: link:packages/a}
//	packages:
//	  use-sync@1.2.0:
//	    resolution: {integrity: sha512-…}
//	snapshots:
//	  use-sync@1.2.0(react@18.2.0): {}
//
// Each snapshot is a package (6.0: each package). Its place is
// node_modules/.pnpm/DIR/node_modules/NAME; Options can change the store directory. DIR
// is the key with the characters replaced that file systems do not allow. It is
// shortened with a digest if it is long or has an upper-case letter. pnpm 9, 10 and 11
// do that in three ways under one version of the format, so Places has up to three
// elements, of which one exists. With nodeLinker: hoisted none exists, and a package is
// found as for yarn 1. With enableGlobalVirtualStore the files are outside the root.
//
// These are read: resolution, name, version, os, cpu, libc, bundledDependencies,
// optional, dev (6.0), the importers as members, the dependencies that are links, and the
// names of those that are aliases.
// Aliases are links to the directory of the real name, so Alias is Name; Aliases are the
// names of directories with nodeLinker: hoisted. pnpm 11 and
// later may write a first document, between "---" lines, with the packages that pnpm
// itself loads (Config). They are in node_modules/.pnpm-config, which may contain links
// out of the root. pnpm 10 records them only in pnpm-workspace.yaml. The path of a patch
// is in the lockfile up to pnpm 10, and in pnpm-workspace.yaml later.
//
// # bun: bun.lock, lockfileVersion 0 to 2
//
//	{
//	  "lockfileVersion": 1,
//	  "workspaces": {"": {"name": "shop"}},
//	  "packages": {
//	    "debug": ["debug@4.3.4", "", {"dependencies": {"ms": "2.1.2"}}, "sha512-…"],
//	    "debug/ms": ["ms@2.1.2", "", {}, "sha512-…"],
//	  }
//	}
//
// The file is JSON with trailing commas; comments are rejected. A key is a place in a
// hoisted tree: debug/ms is node_modules/debug/node_modules/ms. If the first name is
// that of a workspace member, it stands for the member's directory. In an isolated tree
// the place follows from Store: node_modules/.bun/ms@2.1.2, possibly with "+" and 16
// hexadecimal digits, then node_modules/NAME; aliases are links there. The lockfile does
// not record which of the two layouts is used.
//
// These are read: the name and version, the registry or URL, os, cpu, libc, bundled, and
// the last element, which is the integrity of a registry package or a tarball. The
// integrity of a bundled package is that of the registry's archive, from which the files
// do not come. bun writes "none" for a name of os or cpu that it does not support.
// patchedDependencies names the patch files. The binary bun.lockb is rejected. bun.lock
// takes precedence over it, as in bun.
package lockfile
