package preload_test

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/preload/bundle"
	"github.com/nodeint/nodeint/integrity/preload/sha256wasm"
)

// The preload's digests are those of node:crypto, which is not loaded for SHA-256 if there is
// WebAssembly.
func TestDigest(t *testing.T) {
	t.Parallel()
	const program = `
const [file, wasm] = process.argv.slice(2);
const sha256 = wasm && new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, 'base64'))).exports;
require('vm').runInThisContext(require('fs').readFileSync(file, 'utf8'))(undefined, '', sha256 || undefined);
const isLoaded = () => process.moduleLoadList.includes('NativeModule crypto');
const got = [];
const ask = (...words) => got.push({ words, digest: digestOf(...words) });
for (let length = 0; length < 200; length++) {
  ask('sha256', new Uint8Array(length).fill(length), 'hex');
  ask('sha256', 'a'.repeat(length), 'hex');
}
const shared = new Uint8Array(100).map((_, i) => i);
ask('sha256', shared.subarray(7, 91), 'hex');
ask('sha256', new DataView(shared.buffer, 3, 70), 'hex');
for (const text of ['\u00e9', '\u20ac', '\ud83d\ude00', '\ud83d', '\ude00', '\ud83dx']) {
  ask('sha256', text, 'hex');
  for (const before of [2046, 2047, 2048, 4094]) ask('sha256', 'x'.repeat(before) + text + 'y', 'hex');
}
ask('sha256', '\u20ac'.repeat(9000), 'hex');
ask('sha256', new Uint8Array(10000).fill(3), 'hex');
if (isLoaded() !== !wasm) throw new Error(wasm ? 'node:crypto is loaded for SHA-256' : 'node:crypto is not loaded');
ask('sha256', 'base64', 'base64');
ask('sha256', new Uint8Array(3 << 20), 'base64');
if (isLoaded() !== !wasm) throw new Error('node:crypto is loaded for SHA-256');
useNative();
if (!isLoaded()) throw new Error('node:crypto is not loaded');
ask('sha256', 'text', 'hex');
ask('sha384', 'text', 'hex');
ask('sha512', new Uint8Array(9), 'base64');
const { createHash } = require('crypto');
for (const { words: [algorithm, data, encoding], digest } of got) {
  if (digest !== createHash(algorithm).update(data).digest(encoding)) throw new Error(algorithm + ' of ' + data.constructor.name + ' ' + (data.length ?? data.byteLength));
}
`
	module := base64.StdEncoding.EncodeToString(sha256wasm.Module())
	runDigests(t, program, module)
	runDigests(t, program, "")
}

// The program cannot replace the function by which the preload hashes.
func TestDigestReplaced(t *testing.T) {
	t.Parallel()
	runDigests(t, `
const [file] = process.argv.slice(2);
require('vm').runInThisContext(require('fs').readFileSync(file, 'utf8'))(undefined, '', undefined);
const crypto = require('crypto');
const { hash } = crypto;
crypto.hash = () => 'changed';
if (digestOf('sha256', 'a', 'hex') !== hash('sha256', 'a')) throw new Error('the digest is the program\'s');
`, "")
}

// runDigests runs a program on the supported nodes, with the path of a bundle that sets the
// global digestOf, and another argument.
func runDigests(t *testing.T, program, argument string) {
	t.Helper()
	for _, major := range []int{22, 24, 26} {
		if out, err := runModule(t, major, "digest.cjs", program, argument); err != nil {
			t.Errorf("node %d, module of %d characters: %v\n%s", major, len(argument), err, out)
		}
	}
}

// runModule runs a program with the path of a bundle that makes what a module of the preload
// exports global, and other arguments. node -e would not do: it loads node:crypto itself.
func runModule(t *testing.T, major int, module, program string, arguments ...string) (string, error) {
	t.Helper()
	main := "'use strict';\nObject.assign(globalThis, require('./" + module + "'));\n"
	script, err := bundle.Bundle("src", map[string][]byte{"main.cjs": []byte(main)})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, test := filepath.Join(dir, "preload.js"), filepath.Join(dir, "test.cjs")
	for name, text := range map[string]string{file: string(script), test: program} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(testenv.Node(t, major), append([]string{test, file}, arguments...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
