// Package tarball lists what a package's archive holds: the files as package
// managers lay them out, each with its digests, and all that is odd in it.
//
// Nothing is written to disk, and the memory that it takes depends on the number
// of files and the lengths of their paths alone. An archive is read once, from
// its first byte to its last, and hashed as it is read. Only if its digest is
// what was wanted does anything count that was read; otherwise the error is
// wrong-digest, whatever else is wrong with it. Each archive is hostile until
// then, and one that was published may be hostile after.
//
// # The digest
//
// Of several digests the strongest counts, as [hasher.Metadata.Match] has it.
// SHA-1 and MD5 are none: they do not say which of two archives was meant.
//
// # Tarballs
//
// [ReadTar] reads tar (ustar, PAX, GNU, as archive/tar does), plain or in gzip.
// Several gzip members make one stream, at most 64 of them. The first element of
// each path is left out, whatever it is called: "package/a.js", "x-1.0.0/a.js" and
// "./a.js" are a.js. Empty elements and "." are left out as well. Folders are
// not listed. What becomes of the rest, and with each package manager, tried on Linux:
//
//	in the archive              here                npm 11     pnpm 10    yarn 1     yarn 4
//	the same path twice         the last, and       the last   the last   the last   the last
//	                            duplicate if the
//	                            bytes differ
//	symbolic link               symlink             left out   left out   made       made
//	hard link                   hard-link           left out   a file     made       left out
//	device, FIFO                special             left out   refused    refused    left out
//	contiguous file (7)         special             a file     refused    refused    left out
//	GNU's sparse files          sparse              left out   refused    refused    left out
//	the same in PAX             sparse              its map becomes a part of the file
//	an element ".."             path-parent         left out   resolved   resolved   left out
//	absolute                    path-absolute       relative   relative   relative   left out
//	one element                 path-short          left out   a file     refused    left out
//	an element "C:…"            path-drive          depends on the system
//	a backslash                 path-backslash      a part of the name; a folder on Windows
//	no UTF-8, NUL               path-bytes          U+FFFD     U+FFFD     U+FFFD     U+FFFD
//	file below a file           file-inway: the     the first  the last   refused    refused
//	                            first is listed
//	paths that differ in case   case-twin: both     on a file system that does not tell case
//	                            are listed          apart one replaces the other
//	bytes after the end         after-end           not read   not read   not read   not read
//
// Each word in the second column is the code of a [Finding]. Refused with an error
// is what managers, or archive/tar and they, would read differently from there
// on: a wrong checksum of a header, numbers that are none, a negative size, a
// file header that names a link's target, a file called as a folder that has
// bytes, a link or device that has bytes, a global PAX header for path, linkpath
// or size, a broken or truncated gzip or tar, an archive in zstd.
//
// # Zips
//
// [ReadZip] reads the zips of yarn 2 and later (.yarn/cache), whose digest is what
// yarn.lock has as checksum. "node_modules/", the package's name and a slash are
// left out of each path; what is not below them is path-elsewhere. Rules for
// paths, links and the same path twice are those of tarballs.
//
// Refused with an error is what yarn does not write and on which readers of zips
// do not agree: parts, 64-bit sizes, a comment or bytes after the end, bytes
// before the directory that are not counted, entries of the directory that are not
// counted, a name, size or checksum at the entry that is not that of the
// directory, entries that overlap, encryption, methods besides stored and deflate,
// sizes and checksums that are not those of the bytes. A data descriptor is passed
// over: the directory says what is in it.
//
// # Limits
//
// [Limits] bound the archive, what it unpacks to, the number of entries, and the
// lengths of their paths; [DefaultLimits] say how much. Beyond them the error is
// over-limit.
//
// # What managers change
//
// What is listed is what is on disk after an install, but for this:
//
//   - npm writes .gitignore as .npmignore, unless a .npmignore came before it.
//
//   - npm and pnpm leave the carriage return out of the first line of a program
//     that package.json's bin names ([File.Unix]).
//
//   - npm, pnpm and yarn set the executable bits of such a program.
//
//   - Scripts of the package and patches write what they like.
//
//   - yarn 4 patches some packages by itself (typescript, fsevents, resolve): what is
//     on disk is another zip, which yarn.lock has as well.
//
// Held against real trees once, installed without scripts:
//
//	npm 11.19     1,567 packages   28,203 files equal   1 .gitignore renamed
//	pnpm 10.34      249 packages    8,235 files equal
//	yarn 1.22       396 packages   10,302 files equal   11 added in what npm bundles
//	yarn 4.18       110 packages    2,634 files equal   5 of typescript, which is patched
//
// No other file differed, was missing, or was there besides (links in .bin aside); 21 programs had got
// their executable bits. Of 2,055 tarballs of the public registry, 200,736 files, and
// 113 zips of yarn none was refused or had a finding. Some have paths like
// "package/./dist/index.js". Of 277 tarballs [WriteYarnZip] made 277 zips with the
// checksums that yarn 4.18 had written.
package tarball
