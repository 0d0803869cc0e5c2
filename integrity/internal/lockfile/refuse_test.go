package lockfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/problem"
)

const (
	npmHead    = "{\"lockfileVersion\": 3, \"packages\": {\n"
	yarnHead   = "# yarn lockfile v1\n\n"
	berryHead  = "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"
	pnpmHead   = "lockfileVersion: '9.0'\n"
	legacyHead = "lockfileVersion: '6.0'\npackages:\n"
	bunHead    = "{\"lockfileVersion\": 1, \"packages\": {\n"
)

const (
	npmAgain  = "run npm install to write it again"
	yarnAgain = "run yarn install to write it again"
	pnpmAgain = "run pnpm install to write it again"
	bunAgain  = "run bun install to write it again"
)

type invalidLockfile struct{ name, file, text, err, hint string }

// invalid are lockfiles that Parse rejects; each tests one thing.
var invalid = []invalidLockfile{
	{"no lockfile", "lock.toml", "a", `read lock.toml: the file name is not one of bun.lock, bun.lockb, npm-shrinkwrap.json, package-lock.json, pnpm-lock.yaml, yarn.lock`, ""},
	{"empty", "yarn.lock", "", "read yarn.lock: the lockfile is empty", yarnAgain},
	{"invalid UTF-8", "yarn.lock", yarnHead + "a\xff", "read yarn.lock:3:2: invalid UTF-8", yarnAgain},
	{"merge", "pnpm-lock.yaml", pnpmHead + "<<<<<<< HEAD\n", "read pnpm-lock.yaml:2:1: it contains an unresolved merge conflict", "resolve the merge conflict, then run pnpm install to write it again"},
	{"binary", "bun.lockb", "#!/usr/bin/env bun\nbun-lockfile-format-v0\n\xff", "read bun.lockb: nodeint cannot read binary lockfiles", "run bun install --save-text-lockfile to write it as text"},

	{"npm: no JSON", "package-lock.json", "hello", `read package-lock.json:1:1: 'h' where an object should be`, npmAgain},
	{"npm: trailing comma", "package-lock.json", "{\n\"a\": 1,\n}", `read package-lock.json:3:1: '}' where a name in double quotes should be`, npmAgain},
	{"npm: two byte order marks", "package-lock.json", "\ufeff\ufeff{}", `read package-lock.json: the lockfile begins with a byte order mark`, npmAgain},
	{"npm: version 1", "package-lock.json", `{"lockfileVersion": 1}`, `read package-lock.json:1:21: lockfileVersion 1 does not list the directories of packages`, "run npm install --package-lock-only with npm 7 or later"},
	{"npm: version 4", "npm-shrinkwrap.json", `{"lockfileVersion": 4}`, `read npm-shrinkwrap.json:1:21: lockfileVersion "4" is not supported: use 2 or 3`, "run npm shrinkwrap to write it again"},
	{"npm: version a text", "package-lock.json", `{"lockfileVersion": "3"}`, `read package-lock.json:1:21: lockfileVersion "\"3\"" is not supported: use 2 or 3`, npmAgain},
	{"npm: no version", "package-lock.json", `{"packages": {}}`, `read package-lock.json: the lockfile has no lockfileVersion`, npmAgain},
	{"npm: no packages", "package-lock.json", `{"lockfileVersion": 3}`, `read package-lock.json: the lockfile has no packages`, npmAgain},
	{"npm: packages a list", "package-lock.json", `{"lockfileVersion": 3, "packages": []}`, `read package-lock.json:1:36: packages is not an object`, npmAgain},
	{"npm: package a text", "package-lock.json", npmHead + `"node_modules/a": "x"}}`, `read package-lock.json:2:19: packages["node_modules/a"] is not an object`, npmAgain},
	{"npm: duplicate", "package-lock.json", npmHead + `"node_modules/a": {},` + "\n" + `"node_modules/\u0061": {}}}`, `read package-lock.json:3:1: packages["node_modules/a"]: duplicate member`, npmAgain},
	{"npm: duplicate member", "package-lock.json", npmHead + `"node_modules/a": {"version": "1", "version": "2"}}}`, `read package-lock.json:2:36: packages["node_modules/a"].version: duplicate member`, npmAgain},
	{"npm: deep", "package-lock.json", `{"a":` + strings.Repeat("[", 80) + strings.Repeat("]", 80) + "}", `read package-lock.json:1:69: a` + strings.Repeat("[0]", 63) + `: nested deeper than 64 levels`, npmAgain},
	{"npm: leads out", "package-lock.json", npmHead + `"node_modules/../../a": {}}}`, `read package-lock.json:2:1: packages["node_modules/../../a"]: the place has a part ".."`, npmAgain},
	{"npm: leads out in the end", "package-lock.json", npmHead + `"node_modules/..": {}}}`, `read package-lock.json:2:1: packages["node_modules/.."]: the place has a part ".."`, npmAgain},
	{"npm: leads out and in", "package-lock.json", npmHead + `"../shop/../a": {}}}`, `read package-lock.json:2:1: packages["../shop/../a"]: the place has a part ".."`, npmAgain},
	{"npm: absolute", "package-lock.json", npmHead + `"/node_modules/a": {}}}`, `read package-lock.json:2:1: packages["/node_modules/a"]: the place has an empty part`, npmAgain},
	{"npm: drive", "package-lock.json", npmHead + `"C:/node_modules/a": {}}}`, `read package-lock.json:2:1: packages["C:/node_modules/a"]: the place has one of / \ : in a part`, npmAgain},
	{"npm: backslash", "package-lock.json", npmHead + `"node_modules\\a": {}}}`, `read package-lock.json:2:1: packages["node_modules\\a"]: the place has one of / \ : in a part`, npmAgain},
	{"npm: slash in the end", "package-lock.json", npmHead + `"node_modules/a/": {}}}`, `read package-lock.json:2:1: packages["node_modules/a/"]: the place has an empty part`, npmAgain},
	{"npm: dot", "package-lock.json", npmHead + `"./node_modules/a": {}}}`, `read package-lock.json:2:1: packages["./node_modules/a"]: the place has a part "."`, npmAgain},
	{"npm: NUL", "package-lock.json", npmHead + `"node_modules/a\u0000": {}}}`, `read package-lock.json:2:1: packages["node_modules/a\x00"]: the place has a character that is not printable`, npmAgain},
	{"npm: escape sequence", "package-lock.json", npmHead + `"node_modules/a": {"version": "\u001b[2J"}}}`, `read package-lock.json:2:1: "\x1b[2J": has a character that is not printable`, npmAgain},
	{"npm: right to left", "package-lock.json", npmHead + `"node_modules/a\u202eb": {}}}`, `read package-lock.json:2:1: packages["node_modules/a\u202eb"]: the place has a character that is not printable`, npmAgain},
	{"npm: hidden directory", "package-lock.json", npmHead + `"node_modules/.bin": {}}}`, `read package-lock.json:2:1: the name ".bin" begins with a dot`, npmAgain},
	{"npm: node_modules alone", "package-lock.json", npmHead + `"node_modules": {}}}`, `read package-lock.json:2:1: packages["node_modules"]: the place is a node_modules directory`, npmAgain},
	{"npm: node_modules of a member alone", "package-lock.json", npmHead + `"a/node_modules": {}}}`, `read package-lock.json:2:1: packages["a/node_modules"]: the place is a node_modules directory`, npmAgain},
	{"npm: node_modules in another case", "package-lock.json", npmHead + `"Node_Modules/a": {}}}`, `read package-lock.json:2:1: packages["Node_Modules/a"]: the place has a part that differs from node_modules only in case`, npmAgain},
	{"npm: node_modules twice", "package-lock.json", npmHead + `"node_modules/node_modules/a": {}}}`, `read package-lock.json:2:1: the name "node_modules/a" has one of / \ : in a part`, npmAgain},
	{"npm: a file in a package", "package-lock.json", npmHead + `"node_modules/a/lib": {}}}`, `read package-lock.json:2:1: the name "a/lib" has one of / \ : in a part`, npmAgain},
	{"npm: scope alone", "package-lock.json", npmHead + `"node_modules/@a": {}}}`, `read package-lock.json:2:1: the name "@a" has a scope without a name`, npmAgain},
	{"npm: name leads out", "package-lock.json", npmHead + `"node_modules/a": {"name": "../b"}}}`, `read package-lock.json:2:1: the name "../b" begins with a dot`, npmAgain},
	{"npm: name with a dot behind", "package-lock.json", npmHead + `"node_modules/a.": {}}}`, `read package-lock.json:2:1: the name "a." ends with a dot or a space`, npmAgain},
	{"npm: scope with nothing", "package-lock.json", npmHead + `"node_modules/@/a": {}}}`, `read package-lock.json:2:1: the name "@/a" has an empty part`, npmAgain},
	{"npm: long name", "package-lock.json", npmHead + `"node_modules/` + strings.Repeat("a", 256) + `": {}}}`, `read package-lock.json:2:1: packages["node_modules/` + strings.Repeat("a", 107) + `"…]: the place has a part that is longer than 255 bytes`, npmAgain},
	{"npm: long place", "package-lock.json", npmHead + `"` + strings.Repeat("a/", 2100) + `a": {}}}`, `read package-lock.json:2:1: packages["` + strings.Repeat("a/", 60) + `"…]: the place is longer than 4095 bytes`, npmAgain},
	{"npm: long version", "package-lock.json", npmHead + `"a": {"version": "` + strings.Repeat("1", 9000) + `"}}}`, `read package-lock.json:2:1: "` + strings.Repeat("1", 120) + `"…: is longer than 8 KiB`, npmAgain},
	{"npm: version a number", "package-lock.json", npmHead + `"node_modules/a": {"version": 1}}}`, `read package-lock.json:2:31: packages["node_modules/a"].version is not a string`, npmAgain},
	{"npm: dev a text", "package-lock.json", npmHead + `"node_modules/a": {"dev": "no"}}}`, `read package-lock.json:2:27: packages["node_modules/a"].dev is neither true nor false`, npmAgain},
	{"npm: os an object", "package-lock.json", npmHead + `"node_modules/a": {"os": {}}}}`, `read package-lock.json:2:26: packages["node_modules/a"].os is not a list`, npmAgain},
	{"npm: os of numbers", "package-lock.json", npmHead + `"node_modules/a": {"os": [1]}}}`, `read package-lock.json:2:27: element of packages["node_modules/a"].os is not a string`, npmAgain},
	{"npm: many systems", "package-lock.json", npmHead + `"node_modules/a": {"os": ["b"` + strings.Repeat(`,"b"`, maxNames) + `]}}}`, `read package-lock.json:2:26: packages["node_modules/a"].os has more than 1024 elements`, npmAgain},
	{"npm: absolute link", "package-lock.json", npmHead + `"node_modules/a": {"resolved": "/etc", "link": true}}}`, `read package-lock.json:2:1: the path "/etc" is absolute or system-specific`, npmAgain},
	{"npm: tarball of a stream", "package-lock.json", npmHead + `"node_modules/a": {"resolved": "file:v/a:b.tgz"}}}`, `read package-lock.json:2:1: the path "v/a:b.tgz" has one of / \ : in a part`, npmAgain},
	{"npm: bundled in nothing", "package-lock.json", npmHead + `"node_modules/a/node_modules/b": {"inBundle": true}}}`, `read package-lock.json:2: packages["node_modules/a/node_modules/b"] is bundled, but packages has no "node_modules/a"`, npmAgain},
	{"npm: integrity a list", "package-lock.json", npmHead + `"node_modules/a": {"integrity": []}}}`, `read package-lock.json:2:33: packages["node_modules/a"].integrity is not a string`, npmAgain},
	{"npm: integrity empty", "package-lock.json", npmHead + `"node_modules/a": {"integrity": ""}}}`, `read package-lock.json:2:33: the integrity "" has no supported digest: sha512, sha384, sha256, sha1`, npmAgain},
	{"npm: integrity short", "package-lock.json", npmHead + `"node_modules/a": {"integrity": "sha512-AAAA"}}}`, `read package-lock.json:2:33: the sha512 digest has 3 bytes instead of 64`, npmAgain},
	{"npm: integrity not base64", "package-lock.json", npmHead + `"node_modules/a": {"integrity": "sha512-!"}}}`, `read package-lock.json:2:33: the integrity "sha512-!" is not of the form algorithm-base64`, npmAgain},
	{"npm: integrity of unknown algorithm", "package-lock.json", npmHead + `"node_modules/a": {"integrity": "md5-AAAA"}}}`, `read package-lock.json:2:33: the integrity "md5-AAAA" has no supported digest: sha512, sha384, sha256, sha1`, npmAgain},
	{"npm: many digests", "package-lock.json", npmHead + `"node_modules/a": {"integrity": "` + strings.Repeat("a-AAAA ", 17) + `"}}}`, `read package-lock.json:2:33: the integrity has more than 16 digests`, npmAgain},

	{"yarn 1: no package", "yarn.lock", yarnHead + "  version \"1\"\n", `read yarn.lock:3:3: an indented line before the first package`, yarnAgain},
	{"yarn 1: indent", "yarn.lock", yarnHead + "a@1:\n   version \"1\"\n", `read yarn.lock:4:4: indented by 3 spaces instead of 2 or 4`, yarnAgain},
	{"yarn 1: indent without a section", "yarn.lock", yarnHead + "a@1:\n    b \"1\"\n", `read yarn.lock:4:5: indented by 4 spaces instead of 2 or 4`, yarnAgain},
	{"yarn 1: tab", "yarn.lock", yarnHead + "a@1:\n\tversion \"1\"\n", `read yarn.lock:4:1: "\tversion \"1\"" instead of a string`, yarnAgain},
	{"yarn 1: no colon", "yarn.lock", yarnHead + "a@1\n", `read yarn.lock:3:1: "" instead of ", " or ":"`, yarnAgain},
	{"yarn 1: open quote", "yarn.lock", yarnHead + "\"a@1:\n", `read yarn.lock:3:1: "\"a@1:" is not a string in double quotes`, yarnAgain},
	{"yarn 1: escape of Go's", "yarn.lock", yarnHead + "\"a\\x2f@1\":\n", `read yarn.lock:3:1: "\"a\\x2f@1\":" is not a string in double quotes`, yarnAgain},
	{"yarn 1: duplicate", "yarn.lock", yarnHead + "a@1:\n  version \"1\"\n\na@1:\n  version \"2\"\n", `read yarn.lock:6:1: "a@1" is also on line 3`, yarnAgain},
	{"yarn 1: duplicate part", "yarn.lock", yarnHead + "a@1:\n  version \"1\"\n  version \"2\"\n", `read yarn.lock:5:3: "version" is also on line 4`, yarnAgain},
	{"yarn 1: many parts", "yarn.lock", yarnHead + "a@1:\n" + numbered("  x%d 1\n", 65), `read yarn.lock:68:3: a package has more than 64 fields`, yarnAgain},
	{"yarn 1: no value", "yarn.lock", yarnHead + "a@1:\n  version\n", `read yarn.lock:4:3: "version" has no value`, yarnAgain},
	{"yarn 1: more than a value", "yarn.lock", yarnHead + "a@1:\n  version \"1\" 2\n", `read yarn.lock:4:3: " 2" after the value of "version"`, yarnAgain},
	{"yarn 1: leads out", "yarn.lock", yarnHead + "../a@1:\n  version \"1\"\n", `read yarn.lock:3:1: the name "../a" begins with a dot`, yarnAgain},
	{"yarn 1: alias of nothing", "yarn.lock", yarnHead + "\"a@npm:\":\n  version \"1\"\n", `read yarn.lock:3:1: the name "" has an empty part`, yarnAgain},
	{"yarn 1: integrity", "yarn.lock", yarnHead + "a@1:\n  version \"1\"\n  integrity sha1-AAAA\n", `read yarn.lock:5:3: the sha1 digest has 3 bytes instead of 20`, yarnAgain},
	{"yarn 1: absolute", "yarn.lock", yarnHead + "\"a@file:/etc\":\n  version \"1\"\n", `read yarn.lock:3:1: the path "/etc" is absolute or system-specific`, yarnAgain},

	{"yarn: no kind", "yarn.lock", "a: 1\n", `read yarn.lock: the lockfile has neither __metadata (yarn 2 and later) nor the comment "# yarn lockfile v1"`, yarnAgain},
	{"yarn 2: later", "yarn.lock", "__metadata:\n  version: 99\n", `read yarn.lock:2:3: __metadata.version "99" is not supported: use 4 to 10`, yarnAgain},
	{"yarn 2: no resolution", "yarn.lock", berryHead + "\"a@npm:1\":\n  version: 1\n", `read yarn.lock:5:1: the entry has no resolution of the form name@reference`, yarnAgain},
	{"yarn 2: entry a text", "yarn.lock", berryHead + "\"a@npm:1\": 1\n", `read yarn.lock:5:1: the entry has no resolution of the form name@reference`, yarnAgain},
	{"yarn 2: leads out", "yarn.lock", berryHead + "\"a@npm:1\":\n  resolution: \"../a@npm:1\"\n", `read yarn.lock:5:1: the name "../a" begins with a dot`, yarnAgain},
	{"yarn 2: alias leads out", "yarn.lock", berryHead + "\"@a/..@npm:1\":\n  resolution: \"a@npm:1\"\n", `read yarn.lock:5:1: the name "@a/.." begins with a dot`, yarnAgain},
	{"yarn 2: checksum", "yarn.lock", berryHead + "\"a@npm:1\":\n  resolution: \"a@npm:1\"\n  checksum: 10c0/abc\n", `read yarn.lock:7:13: the digest "abc" is not in lower-case hexadecimal`, yarnAgain},
	{"yarn 2: checksum of another length", "yarn.lock", berryHead + "\"a@npm:1\":\n  resolution: \"a@npm:1\"\n  checksum: 10c0/abcd\n", `read yarn.lock:7:13: the sha512 digest has 2 bytes instead of 64`, yarnAgain},
	{"yarn 2: condition", "yarn.lock", berryHead + "\"a@npm:1\":\n  resolution: \"a@npm:1\"\n  conditions: moon=full\n", `read yarn.lock:7:15: unsupported condition "moon=full"`, yarnAgain},
	{"yarn 2: member leads out", "yarn.lock", berryHead + "\"a@workspace:x\":\n  resolution: \"a@workspace:/x\"\n", `read yarn.lock:5:1: the path "/x" is absolute or system-specific`, yarnAgain},
	{"yarn 2: patch", "yarn.lock", berryHead + "\"a@patch:x\":\n  resolution: \"a@patch:%zz\"\n", `read yarn.lock:5:1: invalid patched reference "%zz"`, yarnAgain},
	{"yarn 2: patches", "yarn.lock", berryHead + "\"a@patch:x\":\n  resolution: \"a@" + strings.Repeat("patch:a@", 20) + "\"\n", `read yarn.lock:5:1: patched more than 8 times`, yarnAgain},
	{"yarn 2: references", "yarn.lock", berryHead + "\"a@link:x\":\n  resolution: \"a@link:x::locator=%zz\"\n", `read yarn.lock:5:1: invalid reference "x::locator=%zz"`, yarnAgain},

	{"YAML: no mapping", "pnpm-lock.yaml", "- a\n", `read pnpm-lock.yaml:1:1: the lockfile is not a mapping`, pnpmAgain},
	{"YAML: only a comment", "pnpm-lock.yaml", "\n# nothing\n", `read pnpm-lock.yaml: the lockfile is empty`, pnpmAgain},
	{"YAML: broken", "pnpm-lock.yaml", pnpmHead + "a: [b\nc: d\n", `read pnpm-lock.yaml:2: invalid YAML: did not find expected ',' or ']'`, pnpmAgain},
	{"YAML: broken on the first line", "pnpm-lock.yaml", "]\n", `read pnpm-lock.yaml:1: invalid YAML: did not find expected node content`, pnpmAgain},
	{"YAML: broken in the second document", "pnpm-lock.yaml", "---\n" + pnpmHead + "\n---\n" + pnpmHead + "a: 'b\n", `read pnpm-lock.yaml:6: invalid YAML: found unexpected end of stream`, pnpmAgain},
	{"YAML: anchor", "pnpm-lock.yaml", pnpmHead + "a: &b c\n", `read pnpm-lock.yaml:2:4: an anchor (&b): no package manager writes one`, pnpmAgain},
	{"YAML: alias", "pnpm-lock.yaml", pnpmHead + "a: &b {}\nc: *b\n", `read pnpm-lock.yaml:2:4: an anchor (&b): no package manager writes one`, pnpmAgain},
	{"YAML: alias of nothing", "pnpm-lock.yaml", pnpmHead + "c: *b\n", `read pnpm-lock.yaml:2: invalid YAML: unknown anchor 'b' referenced`, pnpmAgain},
	{"YAML: bomb", "yarn.lock", berryHead + "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", `read yarn.lock:5:4: an anchor (&a): no package manager writes one`, yarnAgain},
	{"YAML: merge key", "pnpm-lock.yaml", pnpmHead + "packages:\n  <<: {a: {}}\n", `read pnpm-lock.yaml:3:3: a merge key (<<): no package manager writes one`, pnpmAgain},
	{"YAML: tag", "pnpm-lock.yaml", pnpmHead + "packages: !!map {}\n", `read pnpm-lock.yaml:2:11: a tag (!!map): no package manager writes one`, pnpmAgain},
	{"YAML: local tag", "pnpm-lock.yaml", pnpmHead + "packages: !js/eval x\n", `read pnpm-lock.yaml:2:11: a tag (!js/eval): no package manager writes one`, pnpmAgain},
	{"YAML: duplicate", "pnpm-lock.yaml", pnpmHead + "packages: {}\n\"packages\": {}\n", `read pnpm-lock.yaml:3:1: the key "packages" is also on line 2`, pnpmAgain},
	{"YAML: duplicate below", "pnpm-lock.yaml", pnpmHead + "packages:\n  a@1: {}\n  'a@1': {}\n", `read pnpm-lock.yaml:4:3: the key "a@1" is also on line 3`, pnpmAgain},
	{"YAML: key a list", "pnpm-lock.yaml", pnpmHead + "? [a]\n: b\n", `read pnpm-lock.yaml:2:3: a key that is not a string`, pnpmAgain},
	{"YAML: documents", "pnpm-lock.yaml", pnpmHead + "---\n" + pnpmHead, `read pnpm-lock.yaml:2:1: a second document`, pnpmAgain},
	{"YAML: three documents", "pnpm-lock.yaml", "---\n" + pnpmHead + "\n---\n" + pnpmHead + "---\n" + pnpmHead, `read pnpm-lock.yaml:6:1: a second document`, pnpmAgain},
	{"YAML: deep", "pnpm-lock.yaml", pnpmHead + "a: " + strings.Repeat("[", 80) + strings.Repeat("]", 80), `read pnpm-lock.yaml:2:68: nested deeper than 64 levels`, pnpmAgain},
	{"YAML: very deep", "pnpm-lock.yaml", strings.Repeat("[", 200_000), `read pnpm-lock.yaml: invalid YAML: exceeded max depth of 10000`, pnpmAgain},
	{"YAML: CR alone", "pnpm-lock.yaml", pnpmHead + "# a\rpackages: {}\n", `read pnpm-lock.yaml:2: the character U+000D, which only some readers treat as a line end`, pnpmAgain},
	{"YAML: line separator", "pnpm-lock.yaml", pnpmHead + "# a\u2028packages: {}\n", `read pnpm-lock.yaml:2: the character U+2028, which only some readers treat as a line end`, pnpmAgain},
	{"YAML: byte order mark", "pnpm-lock.yaml", "\ufeff" + pnpmHead, `read pnpm-lock.yaml:1: the character U+FEFF, which only some readers treat as a line end`, pnpmAgain},
	{"YAML: directive", "pnpm-lock.yaml", "%YAML 9.9\n---\n" + pnpmHead, `read pnpm-lock.yaml:1: invalid YAML: found incompatible YAML document`, pnpmAgain},

	{"pnpm: version 5", "pnpm-lock.yaml", "lockfileVersion: 5.4\n", `read pnpm-lock.yaml:1:18: lockfileVersion "5.4" is not supported: use 6.0 or 9.0`, "run pnpm install --lockfile-only with pnpm 8 or later"},
	{"pnpm: no version", "pnpm-lock.yaml", "packages: {}\n", `read pnpm-lock.yaml: the lockfile has no lockfileVersion`, pnpmAgain},
	{"pnpm: version a list", "pnpm-lock.yaml", "lockfileVersion: []\n", `read pnpm-lock.yaml:1:18: lockfileVersion is not a string`, pnpmAgain},
	{"pnpm: packages a list", "pnpm-lock.yaml", pnpmHead + "packages: []\n", `read pnpm-lock.yaml:2:11: packages is not a mapping`, pnpmAgain},
	{"pnpm: key with an escape sequence", "pnpm-lock.yaml", legacyHead + "  \"/a@1(\\e[2J)\": {resolution: {}}\n", `read pnpm-lock.yaml:3:3: "/a@1(\x1b[2J)": has a character that is not printable`, pnpmAgain},
	{"pnpm: integrity with an escape sequence", "pnpm-lock.yaml", legacyHead + "  /a@1: {resolution: {integrity: \"\\e\"}}\n", `read pnpm-lock.yaml:3:34: packages["/a@1"].resolution.integrity: "\x1b" has a character that is not printable`, pnpmAgain},
	{"pnpm: snapshot of nothing", "pnpm-lock.yaml", pnpmHead + "snapshots:\n  a@1(b@1): {}\n", `read pnpm-lock.yaml:3:3: snapshots: packages has no "a@1"`, pnpmAgain},
	{"pnpm: no resolution", "pnpm-lock.yaml", legacyHead + "  /a@1: {}\n", `read pnpm-lock.yaml:3:3: packages["/a@1"].resolution is not a mapping`, pnpmAgain},
	{"pnpm: no name", "pnpm-lock.yaml", legacyHead + "  /a: {resolution: {}}\n", `read pnpm-lock.yaml:3:3: packages["/a"] has no name`, pnpmAgain},
	{"pnpm: leads out", "pnpm-lock.yaml", legacyHead + "  /../a@1: {resolution: {}}\n", `read pnpm-lock.yaml:3:3: the name "../a" begins with a dot`, pnpmAgain},
	{"pnpm: name leads out", "pnpm-lock.yaml", legacyHead + "  file:x: {name: ../../x, resolution: {directory: x, type: directory}}\n", `read pnpm-lock.yaml:3:3: the name "../../x" begins with a dot`, pnpmAgain},
	{"pnpm: absolute directory", "pnpm-lock.yaml", legacyHead + "  file:x: {name: x, resolution: {directory: /x, type: directory}}\n", `read pnpm-lock.yaml:3:3: the path "/x" is absolute or system-specific`, pnpmAgain},
	{"pnpm: integrity a list", "pnpm-lock.yaml", legacyHead + "  /a@1: {resolution: {integrity: []}}\n", `read pnpm-lock.yaml:3:34: packages["/a@1"].resolution.integrity is not a string`, pnpmAgain},
	{"pnpm: integrity", "pnpm-lock.yaml", legacyHead + "  /a@1: {resolution: {integrity: sha512-}}\n", `read pnpm-lock.yaml:3:22: the sha512 digest has 0 bytes instead of 64`, pnpmAgain},
	{"pnpm: optional", "pnpm-lock.yaml", legacyHead + "  /a@1: {resolution: {}, optional: yes}\n", `read pnpm-lock.yaml:3:36: packages["/a@1"].optional is neither true nor false`, pnpmAgain},
	{"pnpm: os a mapping", "pnpm-lock.yaml", legacyHead + "  /a@1: {resolution: {}, os: {}}\n", `read pnpm-lock.yaml:3:30: packages["/a@1"].os is not a list`, pnpmAgain},
	{"pnpm: patch without a path", "pnpm-lock.yaml", pnpmHead + "patchedDependencies:\n  a@1: {hash: x}\n", `read pnpm-lock.yaml:3:3: patchedDependencies["a@1"] has no hash or no path`, pnpmAgain},
	{"pnpm: importer leads in and out", "pnpm-lock.yaml", pnpmHead + "importers:\n  /a: {}\n", `read pnpm-lock.yaml:3:3: the path "/a" is absolute or system-specific`, pnpmAgain},
	{"pnpm: link of a hidden name", "pnpm-lock.yaml", pnpmHead + "importers:\n  .: {dependencies: {.bin: {specifier: x, version: 'link:x'}}}\n", `read pnpm-lock.yaml:3:22: the name ".bin" begins with a dot`, pnpmAgain},
	{"pnpm: one place, two packages", "pnpm-lock.yaml", pnpmHead + "packages:\n  a@1: {resolution: {}}\n  a@1_b@1: {resolution: {}}\nsnapshots:\n  a@1(b@1): {}\n  a@1_b@1: {}\n", `read pnpm-lock.yaml:7: the place "node_modules/.pnpm/a@1_b@1/node_modules/a" is also used on line 6`, pnpmAgain},
	{"pnpm: error in the second document", "pnpm-lock.yaml", "---\n" + pnpmHead + "\n---\n" + pnpmHead + "a: &x b\n", `read pnpm-lock.yaml:6:4: an anchor (&x): no package manager writes one`, pnpmAgain},

	{"bun: no JSON", "bun.lock", "{\n// a\n}", `read bun.lock:2:1: '/' where a name in double quotes should be`, bunAgain},
	{"bun: comma alone", "bun.lock", "{,}", `read bun.lock:1:2: ',' where a name in double quotes should be`, bunAgain},
	{"bun: two commas", "bun.lock", `{"a": [1,,]}`, `read bun.lock:1:10: a[1]: ',' where a value should be`, bunAgain},
	{"bun: version", "bun.lock", `{"lockfileVersion": 9}`, `read bun.lock:1:21: lockfileVersion "9" is not supported: use 0 to 2`, bunAgain},
	{"bun: no version", "bun.lock", `{}`, `read bun.lock: the lockfile has no lockfileVersion`, bunAgain},
	{"bun: duplicate", "bun.lock", bunHead + "\"a\": [\"a@1\"],\n\"a\": [\"a@2\"],\n}}", `read bun.lock:3:1: packages.a: duplicate member`, bunAgain},
	{"bun: package an object", "bun.lock", bunHead + `"a": {}}}`, `read bun.lock:2:6: packages["a"] is not a list`, bunAgain},
	{"bun: package empty", "bun.lock", bunHead + `"a": []}}`, `read bun.lock:2:6: packages["a"] is empty, or has more than 8 elements`, bunAgain},
	{"bun: package long", "bun.lock", bunHead + `"a": [1,2,3,4,5,6,7,8,9]}}`, `read bun.lock:2:6: packages["a"] is empty, or has more than 8 elements`, bunAgain},
	{"bun: no text", "bun.lock", bunHead + `"a": [1]}}`, `read bun.lock:2:7: packages["a"][0] is not a string`, bunAgain},
	{"bun: no version of a package", "bun.lock", bunHead + `"a": ["a"]}}`, `read bun.lock:2:1: packages["a"] is not of the form name@version`, bunAgain},
	{"bun: leads out", "bun.lock", bunHead + `"a/../../b": ["b@1", "", {}, ""]}}`, `read bun.lock:2:1: the name ".." begins with a dot`, bunAgain},
	{"bun: absolute", "bun.lock", bunHead + `"/a": ["b@1", "", {}, ""]}}`, `read bun.lock:2:1: the name "" has an empty part`, bunAgain},
	{"bun: scope alone", "bun.lock", bunHead + `"@a": ["b@1", "", {}, ""]}}`, `read bun.lock:2:1: the name "@a" has a scope without a name`, bunAgain},
	{"bun: name leads out", "bun.lock", bunHead + `"a": ["../a@1", "", {}, ""]}}`, `read bun.lock:2:1: the name "../a" begins with a dot`, bunAgain},
	{"bun: integrity", "bun.lock", bunHead + `"a": ["a@1", "", {}, "sha512-AA=="]}}`, `read bun.lock:2:22: the sha512 digest has 1 bytes instead of 64`, bunAgain},
	{"bun: bundled in nothing", "bun.lock", bunHead + `"a": ["a@1", "", {"bundled": true}, ""]}}`, `read bun.lock:2:1: packages["a"] is bundled but not in a package`, bunAgain},
	{"bun: one place, two packages", "bun.lock", `{"lockfileVersion": 1, "workspaces": {"node_modules/a": {}},` + "\n" + `"packages": {"a": ["a@1", "", {}, ""]}}`, `read bun.lock:2: the place "node_modules/a" is also used on line 1`, bunAgain},
}

// numbered repeats a line, with its number instead of %d.
func numbered(line string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(line, "%d", string(rune('a'+i/26))+string(rune('a'+i%26))))
	}
	return b.String()
}

func TestRefuse(t *testing.T) {
	testRefuse(t, invalid)
}

// TestRefuseLarge tests the limits on sizes, whose lockfiles are too large for the table.
func TestRefuseLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: lockfiles of up to 64 MiB")
	}
	testRefuse(t, []invalidLockfile{
		{"large", "package-lock.json", strings.Repeat(" ", MaxSize+1), "read package-lock.json: the lockfile is larger than 64 MiB", npmAgain},
		{"YAML: many values", "pnpm-lock.yaml", "a: [" + strings.Repeat("b,", maxValues) + "]", `read pnpm-lock.yaml: the lockfile has more than 1000000 values`, pnpmAgain},
		{"YAML: large", "pnpm-lock.yaml", strings.Repeat("a", MaxYAML+1), `read pnpm-lock.yaml: the lockfile is larger than 16 MiB`, pnpmAgain},
	})
}

func testRefuse(t *testing.T, lockfiles []invalidLockfile) {
	t.Helper()
	for _, tt := range lockfiles {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.file, tt.text, Options{})
			var e *problem.Error
			if !errors.As(err, &e) {
				t.Fatalf("got  %v\nwant %s", err, tt.err)
			}
			if e.Error() != tt.err {
				t.Errorf("got  %s\nwant %s", e, tt.err)
			}
			if e.Hint != tt.hint {
				t.Errorf("hint: got %q, want %q", e.Hint, tt.hint)
			}
		})
	}
}

// TestMany tests the limit of packages, which is too large for the table.
func TestMany(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: 100,001 packages")
	}
	var b strings.Builder
	b.WriteString(yarnHead)
	for i := range maxPackages + 1 {
		b.WriteString("a@")
		b.WriteString(strings.Repeat("1", i%7+1) + "." + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + string(rune('a'+i/17576)))
		b.WriteString(":\n")
	}
	_, err := Parse("yarn.lock", b.String(), Options{})
	if want := "read yarn.lock:100003:1: more than 100000 packages"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, manifest string
		files          []string
		want, err      string
	}{
		{name: "none", err: "find the lockfile in DIR: not found: looked for bun.lock, bun.lockb, npm-shrinkwrap.json, package-lock.json, pnpm-lock.yaml, yarn.lock"},
		{name: "one", files: []string{"yarn.lock"}, want: "yarn.lock"},
		{name: "shrinkwrap", files: []string{"package-lock.json", "npm-shrinkwrap.json"}, want: "npm-shrinkwrap.json"},
		{name: "bun", files: []string{"bun.lockb", "bun.lock"}, want: "bun.lock"},
		{name: "two", files: []string{"yarn.lock", "pnpm-lock.yaml"}, err: "find the lockfile in DIR: found pnpm-lock.yaml and yarn.lock"},
		{name: "packageManager", files: []string{"yarn.lock", "pnpm-lock.yaml"}, manifest: `{"packageManager": "pnpm@10.0.0"}`, want: "pnpm-lock.yaml"},
		{name: "devEngines", files: []string{"yarn.lock", "pnpm-lock.yaml"}, manifest: `{"devEngines": {"packageManager": {"name": "yarn"}}}`, want: "yarn.lock"},
		{name: "another manager", files: []string{"yarn.lock", "pnpm-lock.yaml"}, manifest: `{"packageManager": "npm@11.0.0"}`, err: "find the lockfile in DIR: found pnpm-lock.yaml and yarn.lock"},
		{name: "broken package.json", files: []string{"yarn.lock", "pnpm-lock.yaml"}, manifest: `{"packageManager": "npm`, err: "find the lockfile in DIR: found pnpm-lock.yaml and yarn.lock"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range tt.files {
				write(t, filepath.Join(dir, name), "")
			}
			if tt.manifest != "" {
				write(t, filepath.Join(dir, "package.json"), tt.manifest)
			}
			got, err := Find(dir)
			text := ""
			if err != nil {
				text = strings.ReplaceAll(err.Error(), dir, "DIR")
			}
			if got != tt.want || text != tt.err {
				t.Errorf("got %q, %s; want %q, %s", got, text, tt.want, tt.err)
			}
		})
	}
	if _, err := Find(t.TempDir()); !errors.Is(err, ErrNotFound) {
		t.Errorf("no lockfile is %v, not ErrNotFound", err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "yarn.lock"), yarnHead+"a@1:\n  version \"1.0.0\"\n")
	l, err := Load(dir, Options{})
	if err != nil || len(l.Packages) != 1 || l.Packages[0].String() != "a@1.0.0" {
		t.Errorf("got %v, %v", l, err)
	}
	write(t, filepath.Join(dir, "yarn.lock"), yarnHead+"a@1")
	if _, err := Load(dir, Options{}); err == nil || !strings.HasSuffix(err.Error(), `yarn.lock:3:1: "" instead of ", " or ":"`) {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "yarn.lock")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "yarn.lock"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, Options{}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: got %v", err)
	}
	if _, err := Load(t.TempDir(), Options{}); err == nil {
		t.Error("Load returned no error without a lockfile")
	}
}

func TestReadTooLarge(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "package-lock.json"), "")
	if err := os.Truncate(filepath.Join(dir, "package-lock.json"), 2<<30); err != nil {
		t.Fatal(err)
	}
	_, _, err := Read(dir)
	if err == nil || !strings.HasSuffix(err.Error(), "package-lock.json: the lockfile is larger than 64 MiB") {
		t.Errorf("got %v", err)
	}
	if e, ok := errors.AsType[*problem.Error](err); !ok || e.Code != problem.CodeLockfile || e.Hint != "remove it, then "+npmAgain {
		t.Errorf("got %+v", e)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
