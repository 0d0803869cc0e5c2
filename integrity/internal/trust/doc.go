// Package trust reads and writes the signatures of a map: a DSSE envelope
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
// What is signed is not this text but PAE(payloadType, payload), the pre-authentication
// encoding:
//
//	"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body
//
// with lengths in decimal digits. payload and sig are standard base64, padded and
// canonical. keyid is a hint, which nobody has signed: Envelope.Signers tries the key
// that it names first, and then every other.
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
// The subject is the map, by the SHA-256 of its bytes; its name is for people. serial
// counts the maps that were signed, from 1 to 2^53-1. root, coverage and entries are
// those of the map, and whoever verifies holds them against it. lockfile and nodeint,
// the version that signed, are for the record, and may be absent.
//
// # Strictness
//
// An envelope is hostile input, and a statement is as well until it is verified. Both
// are read as maps are (importmap.Check): no duplicate members, no invalid UTF-8,
// nothing behind the end. Members that are not in these lists, or that are missing, are
// refused, and names are compared exactly. An envelope has at most 4 MiB and 64
// signatures. Beyond that its text is free: white space, the order of members and
// escapes change nothing that is signed. (DSSE and in-toto let readers skip members that
// they do not know: here one could be a promise that this version would not keep.)
package trust
