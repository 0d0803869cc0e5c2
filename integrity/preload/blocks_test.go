package preload_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/preload/sha256wasm"
)

// The preload reads a block when it is needed. It reads all at the start if the image is a
// file that goes when the launcher ends, on every system.
func TestBlocks(t *testing.T) {
	t.Parallel()
	const program = `
const fs = require('fs');
const { hash } = require('crypto');
const [preload, wasm, how] = process.argv.slice(2);
const digestsAt = 32, bodyAt = digestsAt + 3 * 32, blockSize = 16384;
const whole = Buffer.alloc(bodyAt + 2 * blockSize + 100, 'text ');
for (let i = 0; i < 3; i++) whole.write(hash('sha256', whole.subarray(bodyAt + i * blockSize, bodyAt + (i + 1) * blockSize)), digestsAt + 32 * i, 'hex');
const image = Buffer.alloc(whole.length);
whole.copy(image, 0, 0, bodyAt);
if (how === 'altered') whole[bodyAt + blockSize + 5] ^= 1;
fs.writeFileSync('image', whole);
const fd = how === 'unlinked' ? -1 : fs.openSync('image');
const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, 'base64')));
require('vm').runInThisContext(fs.readFileSync(preload, 'utf8'))(image, '', instance.exports);
useBody(digestsAt, bodyAt, { image: fd, paths: ['image'] });
fs.unlinkSync('image');
const has = [0, 1, 2].map((i) => image[bodyAt + i * blockSize + 9] !== 0).join();
need(image.length, image.length);
need(bodyAt, bodyAt);
need(bodyAt + 2 * blockSize, image.length);
const then = [0, 1, 2].map((i) => image[bodyAt + i * blockSize + 9] !== 0).join();
need(bodyAt + blockSize - 1, bodyAt + blockSize + 1);
console.log(has, then, image.equals(whole));
`
	module := base64.StdEncoding.EncodeToString(sha256wasm.Module())
	for how, want := range map[string]string{
		"inherited": "false,false,false false,false,true true\n",
		"unlinked":  "true,true,true true,true,true true\n",
		"altered":   "nodeint: error: cannot read the map of nodeint run any more, so nothing can be checked\n",
	} {
		for _, major := range []int{22, 24, 26} {
			out, err := runModule(t, major, "blocks.cjs", program, module, how)
			if stopped := how == "altered"; (err != nil) != stopped || !strings.HasPrefix(out, want) {
				t.Errorf("node %d, %s: %v\n%s", major, how, err, out)
			}
		}
	}
}
