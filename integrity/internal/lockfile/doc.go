// Package lockfile reads the lockfiles of npm, yarn, pnpm and bun: which packages they
// name, where on disk the manager lays each, and the digest of what it is made of. It
// opens no package and asks no registry.
//
// # What is refused
//
// A lockfile is hostile input, and it is read by others besides nodeint: what two
// readers could take for different things is refused, not guessed at. Of every format:
//
//   - invalid UTF-8, a byte order mark, what a merge left unsettled, a version of the
//     format that is not listed below;
//   - a name or key that occurs twice in one object or mapping, at any level;
//   - more than 64 MiB (YAML: 16 MiB and a million values), 64 levels, 100,000
//     packages, 8 KiB in one text, 16 digests of one package;
//   - a package's name that is not name or @scope/name of parts that are plain names
//     on every system: not empty, not "..", without / \ : or what is not printable, not
//     beginning with a dot, not ending with a dot or a space, not node_modules;
//   - a place that is not clean or not inside the root, and two packages at one place;
//   - integrity that is not base64 of the length of its algorithm, or that has none of
//     sha512, sha384, sha256 and sha1. No integrity at all is no error: see Package.
//
// Of YAML besides: anchors, aliases, tags, merge keys, keys that are not texts, more
// documents than the manager writes, and the characters that end a line in YAML 1.1
// and not in 1.2 or the other way round (CR without LF, U+0085, U+2028, U+2029).
//
// Members that are not named here are not read: ranges of versions, engines, binaries,
// licences, settings. So the graph of dependencies is not known, nor, where the
// lockfile does not write it down, whether a package is optional or for development.
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
// The key is the place, and there is no other. A key without node_modules is a folder
// of the project's own (Member). Of each package are read name (an alias has it),
// version, resolved, integrity, link, inBundle, bundleDependencies, dev, optional,
// devOptional (one of the two, so it sets both), os, cpu, libc. What is inBundle comes
// out of the tarball of the nearest package around it that is not; what the project
// itself bundles was fetched as any other. A key that begins with "../" is kept without
// a place (Outside). The member dependencies of version 2, which repeats all for npm 6,
// is not read. Version 1 has only that, and is refused: it does not say what is where.
// npm-shrinkwrap.json wins over package-lock.json, as npm has it.
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
// It does not say what is where: Places is empty, and a package is found by the folder
// Alias in some node_modules, and the Name and Version in its package.json. Of each
// package are read the patterns, version, resolved and integrity. The SHA-1 behind an
// address is one of its digests: a tarball of a file has no other. Links and folders
// have neither. Members of a workspace, what is bundled, os and cpu, optional and dev
// are not in the file; what a tarball bundles lies in its node_modules all the same, and
// yarn fetches it a second time.
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
// Read are version, resolution, checksum and conditions. An entry gives one package for
// each name in its key. The checksum is the SHA-512 of the zip in yarn's cache, made with
// the settings that the cache key names (10c0: version 10, compression 0), with the
// patches applied; it says nothing of the registry's tarball. Packages with conditions
// mostly have none, so nothing vouches for them. The
// zip is SLUG-HASH.zip in .yarn/cache, HASH being the first ten digits of the checksum,
// and SLUG-CACHEKEY.zip in the cache of the machine, or where there is no checksum.
//
// Places are those in .yarn/unplugged (PnP) and in node_modules/.store (the linker pnpm).
// Neither has to be there, and packages with peers have a digest in their name there that
// is not in the lockfile ("-virtual-"). With the linker node-modules a package is found as
// with yarn 1; node_modules/.yarn-state.yml has the places too, and nothing vouches for it.
// patch: keeps the kind of what is patched, and Patch names the files.
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
// Each snapshot is a package (6.0: each package), at
// node_modules/.pnpm/FOLDER/node_modules/NAME, the store's folder being that of Options.
// FOLDER is the key with what no file system takes replaced, and shortened with a digest
// where it is long or has an upper-case letter; pnpm 9, 10 and 11 do that in three ways
// under one version of the format, so Places has up to three, of which one is there.
// With nodeLinker: hoisted none is, and a package is found as with yarn 1; with
// enableGlobalVirtualStore the files are outside of the root.
//
// Read are resolution, name, version, os, cpu, libc, bundledDependencies, optional, dev
// (6.0), the importers as members, and their dependencies where they are links. Aliases
// are links to the folder of the real name, so Alias is Name. pnpm 11 and later may put a
// document before, between "---" lines, with what pnpm itself loads (Config); they are at
// node_modules/.pnpm-config, which may be links out of the root. pnpm 10 keeps those in
// pnpm-workspace.yaml alone. The path of a patch is in the lockfile up to pnpm 10, later in
// pnpm-workspace.yaml.
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
// JSON, but for commas before a closing bracket; comments are refused. A key is a place in
// a hoisted tree: debug/ms is node_modules/debug/node_modules/ms, and a first name that is
// a member's stands for its folder. In an isolated tree the package is where Store says:
// node_modules/.bun/ms@2.1.2, or that with "+" and 16 hexadecimal digits, and then
// node_modules/NAME; aliases are links there. The lockfile does not say which of the two
// it is. Read are the name and version, the registry or address, os, cpu, libc, bundled,
// and the last part: integrity of a registry's package or a tarball. Integrity of what is
// bundled is the registry's, and the files are not from there. For a name of os or cpu that
// bun does not know it has written "none". patchedDependencies name the patches' files.
// bun.lockb, the binary one, is refused; bun.lock wins over it, as bun has it.
package lockfile
