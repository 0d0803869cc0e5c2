// Package hasher parses, computes and compares the digests in the integrity
// section of an import map. It hashes many files in parallel and computes the
// digest of a whole map. It knows nothing of maps themselves.
//
// The main functions are [ParseMetadata] and [Metadata.Match] for the metadata of
// one file, [Files] for many files, [Sum] for bytes in memory, and [Tree].
//
// # Digests and metadata
//
// A digest has the form of Subresource Integrity (W3C SRI §3.1 to §3.3): the name
// of the algorithm in lower case, "-", and the digest in standard base64 with
// padding (RFC 4648 §4):
//
//	sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
//
// The algorithms are sha256, sha384, sha512 (FIPS 180-4) and blake3 (32 bytes of
// output). SRI does not know blake3, and a browser skips it. So if metadata has a
// SHA-2 digest and a blake3 digest, both are checked. One never replaces the
// other. [ParseMetadata] documents the grammar and where it is stricter than SRI,
// [Metadata.Match] the comparison.
//
// # Tree digest
//
// The tree digest identifies a whole map. It is the 32-byte BLAKE3 hash of these
// bytes:
//
//	tree   = "nodeint tree v1" LF pair*
//	pair   = length key length value
//	length = the number of bytes that follow, as 8 bytes, little-endian
//
// The pairs are sorted by key, byte by byte. Pairs with the same key are sorted by
// value. Every part has its length before it, so two different lists of pairs
// never give the same bytes. The pairs
//
//	("./a.js", "sha256-AAAA"), ("./b.js", "sha256-BBBB")
//
// in either order give
//
//	blake3-c/Cb3pSPhxO7HWDaP2inMWG63TfZ9ESqDYXlF7dnLTQ=
//
// and an empty list gives
//
//	blake3-2mOeRVfzIbAwmDMTzTvD9j/CKtelC4Eh1S2Zs2NhaEA=
//
// # Speed
//
// Hashing goes through crypto/sha256, crypto/sha512 and zeebo/blake3, with one
// exception: on amd64 with SHA instructions, [Files] computes the SHA-256 of two
// files at once if the jobs ask for SHA-256 only (pair_amd64.go). The build tag
// purego leaves this out.
//
// The figures are the CPU time (user and system) of nodeint verify: medians of 9 to
// 15 runs in turn on Linux, 2 processors, of two trees. The first has 32,129 files
// of 31 kB in the mean, the second 53,282 files of 13 kB.
//
//   - SHA-256 of two files at once: kept. It saved 18 % of the first tree (1473 to
//     1205 ms) and 9 % of the second, when the system calls below were in place.
//     Without them it saved 10 % and 5 % of the first tree (2094 to 1885 ms and
//     1867 to 1765 ms, on a busy machine).
//   - System calls that the Go scheduler does not see, with one worker for each
//     processor until a disk is slow: removed. They saved 16 % and 12 % of the
//     first tree, and 0 % of the second (1538 to 1540 ms), whose wall time was a
//     third longer.
//
// See bench/README.md for the other measurements.
package hasher
