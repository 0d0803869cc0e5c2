// Package signkey reads, writes and uses the keys that sign maps: Ed25519 (RFC 8032),
// and ECDSA on the curve P-256 with SHA-256 (FIPS 186-5), in PEM as openssl has it.
//
// # Files
//
//	PUBLIC KEY             SubjectPublicKeyInfo, DER (RFC 5280 §4.1)
//	PRIVATE KEY            PKCS #8, DER (RFC 5208 §5)
//	ENCRYPTED PRIVATE KEY  PKCS #8 encrypted by PBES2 (RFC 8018 §6.2), below
//
// A file holds one block and nothing else, spelled as RFC 7468 §3 has it: 64 characters
// a line, no headers, canonical base64. The end of a line may be CR LF, and the last
// may be missing. A public key's DER must be that which Go writes for it. So a public
// key has one spelling, and a file with any bit flipped is another key or none.
//
// # Encrypted keys
//
// Of PBES2 one form is read and written, that of openssl pkcs8 -topk8 -v2 aes-256-cbc:
// PBKDF2 with HMAC-SHA-256, a salt of 8 to 64 bytes and at most 10,000,000 rounds, and
// AES-256 in CBC mode. Written are 600,000 rounds and a salt of 16 bytes. The form has
// no authentication: a wrong passphrase shows by what it makes, which is no key.
//
// # Signatures
//
// An Ed25519 signature is the 64 bytes of RFC 8032 §5.1.6; an ECDSA one the DER of
// RFC 3279 §2.2.3, over the SHA-256 of the message. What Go's standard library makes of
// odd ones:
//
//   - crypto/ed25519 refuses S that is not below the group's order, so nobody can make a
//     second signature of one (RFC 8032 §5.1.7), and compares R byte for byte, without
//     the cofactor. It takes public keys of low order, for which a signature can be made
//     that fits any message, and public keys that are not encoded canonically:
//     ParsePublic refuses both.
//   - crypto/ecdsa reads DER strictly, refuses r and s that are not in 1…n-1, and points
//     not on the curve. For a signature (r, s) it also takes (r, n-s): who has one
//     signature can make this other one for the same message and key. Nothing here
//     counts, compares or remembers signatures: keys are counted.
package signkey
