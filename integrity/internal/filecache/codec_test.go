package filecache

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

var examples = []map[string]*record{
	{},
	{"a.js": {stamp: tree.Stamp{Device: 1, Inode: 1 << 63, Size: 3, Modified: -1, Changed: 1 << 62}, digests: "sha256-x"}},
	{"a.js": {module: "\x00\xff", hasPowers: true, known: 1, powers: 6}, "b.js": {}},
}

func TestCodec(t *testing.T) {
	for _, records := range examples {
		got, err := decode(encode(records, "key"), "key")
		if err != nil || !maps.EqualFunc(got, records, func(a, b *record) bool { return *a == *b }) {
			t.Errorf("decode(encode(%v)) = %v, %v", records, got, err)
		}
	}
}

// FuzzDecode checks that decode does not fail in another way than with an error, and that
// what it accepts is written in the same way.
func FuzzDecode(f *testing.F) {
	const start = len(magic) + sha256.Size
	for _, records := range examples {
		f.Add(encode(records, "key")[start:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		records, err := decode(append(append([]byte(magic), sum[:]...), body...), "key")
		if err != nil {
			return
		}
		again, err := decode(encode(records, "key"), "key")
		if err != nil || !maps.EqualFunc(again, records, func(a, b *record) bool { return *a == *b }) {
			t.Errorf("%v becomes %v, %v", records, again, err)
		}
		if len(body) == 0 || !bytes.Contains(body, []byte("key")) {
			t.Error("decode accepts a body without the key")
		}
	})
}
