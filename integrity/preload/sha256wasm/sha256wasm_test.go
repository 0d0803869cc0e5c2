package sha256wasm

import (
	"encoding/base64"
	"math"
	"os/exec"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The constants are those that FIPS 180-4 prints.
func TestConstants(t *testing.T) {
	initial, k := words(primes(8), math.Sqrt), words(primes(64), math.Cbrt)
	for _, c := range []struct {
		name      string
		got, want uint32
	}{
		{"H0", initial[0], 0x6a09e667},
		{"H7", initial[7], 0x5be0cd19},
		{"K0", k[0], 0x428a2f98},
		{"K31", k[31], 0x14292967},
		{"K63", k[63], 0xc67178f2},
	} {
		if c.got != c.want {
			t.Errorf("%s = %#x, want %#x", c.name, c.got, c.want)
		}
	}
}

// The module in node computes what node:crypto computes, for messages around the ends of a
// block, and for long ones in parts.
func TestModule(t *testing.T) {
	t.Parallel()
	const script = `
const { hash, randomBytes } = require('crypto');
const { memory, start, blocks, finish } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(process.argv[1], 'base64'))).exports;
const bytes = Buffer.from(memory.buffer);
function sha256(message, part) {
  let at = 0;
  start();
  for (; message.length - at > part; at += part) {
    bytes.set(message.subarray(at, at + part), 1024);
    blocks(1024, 1024 + part);
  }
  bytes.set(message.subarray(at), 1024);
  finish(1024, 1024 + message.length - at, 0, 8 * message.length);
  return bytes.toString('hex', 32, 64);
}
for (let length = 0; length < 300; length++) {
  const message = randomBytes(length);
  for (const part of [64, 128, 32768]) {
    if (sha256(message, part) !== hash('sha256', message)) throw new Error(length + ' bytes, in parts of ' + part);
  }
}
const long = randomBytes(1e6 + 7);
if (sha256(long, 32768) !== hash('sha256', long)) throw new Error('a long message');
const padded = Buffer.alloc(64); // as the last block of a message of 2^40 + 3 bytes
padded.set([7, 8, 9, 0x80]);
padded.writeUInt32BE(2 ** 11, 56);
padded.writeUInt32BE(24, 60);
bytes.set(padded, 1024);
start();
blocks(1024, 1088);
const state = bytes.toString('hex', 0, 32);
start();
bytes.fill(0xff, 1024, 1088).set([7, 8, 9], 1024);
finish(1024, 1027, 2 ** 11, 24);
if (bytes.toString('hex', 0, 32) !== state) throw new Error('the length of a message of more than 4 GiB');
let trapped = false;
try {
  blocks(1024, 65536 + 64);
} catch (error) {
  trapped = error instanceof WebAssembly.RuntimeError;
}
if (!trapped) throw new Error('no trap outside the memory');
`
	module := base64.StdEncoding.EncodeToString(Module())
	for _, major := range []int{22, 24, 26} {
		if out, err := exec.Command(testenv.Node(t, major), "-e", script, module).CombinedOutput(); err != nil {
			t.Errorf("node %d: %v\n%s", major, err, out)
		}
	}
}

// The expression is the module, in parts that need no padding.
func TestExpression(t *testing.T) {
	before, copied, after := parts()
	if len(before)%3 != 0 || len(copied)%3 != 0 {
		t.Errorf("parts of %d and %d bytes", len(before), len(copied))
	}
	encode := base64.StdEncoding.EncodeToString
	if got, want := encode(before)+strings.Repeat(encode(copied), copies)+encode(after), encode(Module()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got, want := Expression(), "'"+encode(before)+"' + '"+encode(copied)+"'.repeat(12) + '"+encode(after)+"'"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
