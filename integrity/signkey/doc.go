// Package signkey reads, writes and uses the keys that sign maps: Ed25519 (RFC 8032)
// and ECDSA on the curve P-256 with SHA-256 (FIPS 186-5), in the PEM of openssl.
//
// # Files
//
//	PUBLIC KEY             SubjectPublicKeyInfo, DER (RFC 5280 §4.1)
//	PRIVATE KEY            PKCS #8, DER (RFC 5208 §5)
//	ENCRYPTED PRIVATE KEY  PKCS #8 encrypted by PBES2 (RFC 8018 §6.2), below
//
// A file has one block and nothing else, in the strict form of RFC 7468 §3: 64
// characters per line, no headers, canonical base64. Lines may end with CR LF, and the
// last line ending may be missing. The DER of a public key must be the one that Go
// writes for it. So a public key has one form, and a file with any bit changed is
// another key or an error.
//
// # Encrypted keys
//
// The package reads and writes one form of PBES2, the one of
// openssl pkcs8 -topk8 -v2 aes-256-cbc: PBKDF2 with HMAC-SHA-256, a salt of 8 to 64
// bytes and at most 10,000,000 rounds, and AES-256 in CBC mode. It writes 600,000
// rounds and a salt of 16 bytes. The form has no authentication. A wrong passphrase is
// detected because the result is not a key.
//
// # Signatures
//
// An Ed25519 signature is the 64 bytes of RFC 8032 §5.1.6. An ECDSA signature is the
// DER of RFC 3279 §2.2.3, over the SHA-256 of the message. Unusual signatures and keys
// in the standard library of Go:
//
//   - crypto/ed25519 rejects an S that is not below the order of the group, so nobody
//     can derive a second signature from one (RFC 8032 §5.1.7). It compares R byte for
//     byte, without the cofactor. It accepts public keys of low order, for which one
//     signature can match any message, and public keys in a form that is not
//     canonical. ParsePublic rejects both.
//   - crypto/ecdsa reads DER strictly, and rejects r and s outside 1…n-1 and points that
//     are not on the curve. For a signature (r, s) it also accepts (r, n-s): anyone who
//     has one signature can derive this second one for the same message and key.
//     nodeint does not count, compare or store signatures. It counts keys.
package signkey
