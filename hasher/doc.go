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
// Hashing goes through crypto/sha256, crypto/sha512 and zeebo/blake3. Two ways to
// be faster were measured and removed, because each saved less than 15 % of the
// CPU time (user and system) of nodeint verify. The figures are medians of 11 to
// 15 runs in turn on Linux, 2 processors with SHA instructions, of two trees:
// 32,129 files of 31 kB in the mean, and 53,282 files of 13 kB.
//
//   - SHA-256 of two files at once in assembly, without fstat for short files:
//     11 % and 12 % (1852 to 1647 ms, 1936 to 1702 ms).
//   - System calls that the Go scheduler does not see, with one worker for each
//     processor until a disk is slow: 9 to 16 % (12 % is 1490 to 1307 ms), and 0 %
//     (1538 to 1540 ms). The wall time of the second tree was a third longer.
//
// Together they saved more than each alone: see bench/README.md.
package hasher
