// Package trust decides whether a map is the trusted one, and reads and writes
// its signatures.
//
// A [Policy] sets the conditions: expected digests of the map's bytes, and keys of
// which some have to have signed it. [Policy.Check] checks them before the map is
// parsed, and [Signed.Agrees] compares the parsed map with what was signed.
//
// The signatures of a map are in a DSSE envelope
// (https://github.com/secure-systems-lab/dsse, version 1) around an in-toto Statement
// (https://in-toto.io/Statement/v1).
//
// # The envelope
//
//	{
//	  "payloadType": "application/vnd.in-toto+json",
//	  "payload": "eyJfdHlwZSI6…",
//	  "signatures": [
//	    {
//	      "keyid": "9f86d081…",
//	      "sig": "MEUCIQ…"
//	    }
//	  ]
//	}
//
// The signed message is not this text but PAE(payloadType, payload), the
// pre-authentication encoding:
//
//	"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body
//
// Lengths are in decimal digits. payload and sig are base64 in the standard or
// the URL-safe alphabet, padded and canonical. keyid is a hint that is not signed: for each key, Envelope.Signers tries
// the signatures with its keyid first, and then the others.
//
// # The statement
//
//	{
//	  "_type": "https://in-toto.io/Statement/v1",
//	  "subject": [
//	    { "name": "importmap.json", "digest": { "sha256": "2c26b46b…" } }
//	  ],
//	  "predicateType": "https://github.com/nodeint/nodeint/integrity-map/v1",
//	  "predicate": {
//	    "serial": 7,
//	    "root": "blake3-…",
//	    "coverage": "dependencies",
//	    "entries": ["./server.js"],
//	    "lockfile": { "name": "package-lock.json", "digest": { "sha256": "fcde2b2e…" } },
//	    "nodeint": "v1.2.0"
//	  }
//	}
//
// The subject is the map, by the SHA-256 of its bytes. Its name is for people. serial
// numbers the signed maps, from 1 to 2^53-1. root, coverage and entries are those of
// the map; verify compares them with the map. lockfile, and nodeint, the version that
// signed, are for the record and may be absent.
//
// # Strictness
//
// An envelope is hostile input, and so is a statement until its signature is verified.
// Both are read like maps (importmap.Check): no duplicate members, no invalid UTF-8, no
// trailing text. Unknown members and missing members are errors, and names are compared
// exactly. An envelope has at most 4 MiB and 64 signatures. Otherwise its text is free:
// white space, the order of members and escapes do not change the signed message. (DSSE
// and in-toto let readers ignore unknown members. Here such a member could be a promise
// that this version would not keep.)
package trust
