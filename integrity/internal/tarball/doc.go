// Package tarball lists the contents of a package's archive: the files as package
// managers install them, each with its digests, and all irregular entries.
//
// Nothing is written to disk. The memory depends only on the number of files and the
// lengths of their paths. An archive is read once, from its first byte to its last, and
// hashed while it is read. The contents count only if the archive has the wanted digest;
// otherwise the error is wrong-digest, whatever else is wrong with the archive. Before
// the digest is known, the archive may come from anyone. A published archive may be
// malicious too.
//
// # The digest
//
// If there are digests of several algorithms, the strongest algorithm counts, as in
// [hasher.Metadata.Match]. SHA-1 and MD5 do not count, because two archives can have the
// same one.
//
// # Tarballs
//
// [ReadTar] reads tar (ustar, PAX, GNU, as archive/tar does), with or without gzip.
// Several gzip members are one stream; at most 64 are allowed. The first element of each
// path is removed, whatever its name: "package/a.js", "x-1.0.0/a.js" and "./a.js" are
// a.js. Empty elements and "." are removed too. Directories are not listed. This is what
// happens to other entries, here and in each package manager, tested on Linux:
//
//	in the archive              here                npm 11     pnpm 10    yarn 1     yarn 4
//	the same path twice         the last, and       the last   the last   the last   the last
//	                            duplicate if the
//	                            bytes differ
//	symbolic link               symlink             skipped    skipped    made       made
//	hard link                   hard-link           skipped    a file     made       skipped
//	device, FIFO                special             skipped    rejected   rejected   skipped
//	contiguous file (7)         special             a file     rejected   rejected   skipped
//	GNU's sparse files          sparse              skipped    rejected   rejected   skipped
//	the same in PAX             sparse              its map becomes a part of the file
//	an element ".."             path-parent         skipped    resolved   resolved   skipped
//	absolute                    path-absolute       relative   relative   relative   skipped
//	one element                 path-short          skipped    a file     rejected   skipped
//	an element "C:…"            path-drive          depends on the system
//	a backslash                 path-backslash      a part of the name; a separator on Windows
//	not UTF-8, NUL              path-bytes          U+FFFD     U+FFFD     U+FFFD     U+FFFD
//	file below a file           file-inway: the     the first  the last   rejected   rejected
//	                            first is listed
//	paths that differ in case   case-twin: both     on a case-insensitive file system,
//	                            are listed          one replaces the other
//	bytes after the end         after-end           not read   not read   not read   not read
//
// The words with a code in the second column are codes of an [IrregularEntry]. These are
// errors, because package managers, or archive/tar and package managers, would read the
// rest of the archive differently: a header with a wrong checksum, numbers that are not
// numbers, a negative size, a file header with a link target, a file with bytes whose
// name is that of a directory, a link or device with bytes, a global PAX header for path,
// linkpath or size, a corrupt or truncated gzip or tar, and an archive in zstd.
//
// # Zips
//
// [ReadZip] reads the zips of yarn 2 and later (.yarn/cache). Their digest is the
// checksum in yarn.lock. "node_modules/", the name of the package and a slash are removed
// from each path; an entry outside of them is path-elsewhere. The rules for paths, links
// and duplicates are those of tarballs.
//
// These are errors, because yarn does not write them and readers of zips understand them
// differently: several parts, 64-bit sizes, a comment or bytes after the end, uncounted
// bytes before the directory, uncounted entries in the directory, a name, size or
// checksum that differs between an entry and the directory, overlapping entries,
// encryption, methods other than stored and deflate, and sizes and checksums that are not
// those of the bytes. A data descriptor is ignored: the directory has its values.
//
// # Limits
//
// [Limits] bound the archive, its size after decompression, the number of entries, and
// the lengths of their paths. [DefaultLimits] are the defaults. Beyond a limit, the error
// is over-limit.
//
// # What package managers change
//
// The listing equals the installed files, with these exceptions:
//
//   - npm writes .gitignore as .npmignore, unless there was an .npmignore before it.
//
//   - npm and pnpm remove the carriage return from the first line of a program that
//     bin in package.json names ([File.Unix]).
//
//   - npm, pnpm and yarn set the executable bits of such a program.
//
//   - Install scripts and patches write anything.
//
//   - yarn 4 patches some packages itself (typescript, fsevents, resolve). The installed
//     files come from another zip, which is in yarn.lock too.
//
// This was compared once with real trees, installed without scripts:
//
//	npm 11.19     1,567 packages   28,203 files equal   1 .gitignore renamed
//	pnpm 10.34      249 packages    8,235 files equal
//	yarn 1.22       396 packages   10,302 files equal   11 added in packages that npm bundles
//	yarn 4.18       110 packages    2,634 files equal   5 of typescript, which is patched
//
// No other file differed, was missing or was added, except links in .bin; 21 programs had
// got their executable bits. Of 2,055 tarballs of the public registry, with 200,736
// files, and 113 zips of yarn, none was rejected or had an irregular entry. Some have
// paths like "package/./dist/index.js". From 277 tarballs, [WriteYarnZip] made 277 zips
// with the checksums that yarn 4.18 had written.
package tarball
