//go:build amd64 && !purego

package hasher

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// requirePair skips a test if the processor has no instructions for SHA-256.
func requirePair(t testing.TB) {
	t.Helper()
	if _, ok := newPairHasher(nil); !ok {
		testenv.Unavailable(t, "the processor has no instructions for SHA-256")
	}
}

// sumPair returns the digests of two inputs, by blocks2. It hashes as many blocks
// of both as the shorter one has, and then the rest of the longer one alone.
func sumPair(x, y []byte) (Digest, Digest) {
	a := stream{state: initialState, blocks: pad(bytes.Clone(x), int64(len(x)))}
	b := stream{state: initialState, blocks: pad(bytes.Clone(y), int64(len(y)))}
	n := min(len(a.blocks), len(b.blocks))
	blocks2(&a.state, &b.state, &a.blocks[0], &b.blocks[0], n/blockSize)
	for _, s := range []*stream{&a, &b} {
		if s.blocks = s.blocks[n:]; len(s.blocks) > 0 {
			s.hashAlone()
		}
	}
	return digestOf(&a.state), digestOf(&b.state)
}

// checkPair compares sumPair with crypto/sha256.
func checkPair(t *testing.T, x, y []byte) {
	t.Helper()
	gotX, gotY := sumPair(x, y)
	wantX, wantY := sha256.Sum256(x), sha256.Sum256(y)
	if !bytes.Equal(gotX.Bytes(), wantX[:]) || !bytes.Equal(gotY.Bytes(), wantY[:]) {
		t.Errorf("%d and %d bytes: got %v and %v, want %x and %x", len(x), len(y), gotX, gotY, wantX, wantY)
	}
}

func randomBytes(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return p
}

func TestBlocks2(t *testing.T) {
	requirePair(t)
	long := randomBytes(1000)
	tests := []struct {
		name string
		pair func(n int) (x, y []byte)
	}{
		{"different lengths", func(n int) (x, y []byte) { return long[:n], long[n:] }},
		{"same length", func(n int) (x, y []byte) { return long[:n], randomBytes(n) }},
		{"every alignment", func(n int) (x, y []byte) { return long[len(long)-n:], nil }},
		{"empty first input", func(n int) (x, y []byte) { return nil, long[:n] }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for n := range len(long) + 1 {
				x, y := tt.pair(n)
				checkPair(t, x, y)
			}
		})
	}
	t.Run("long", func(t *testing.T) {
		for range 50 {
			checkPair(t, randomBytes(rand.IntN(300_000)), randomBytes(rand.IntN(300_000)))
		}
	})
}

// TestBlocks2None checks that no block leaves both states as they are.
func TestBlocks2None(t *testing.T) {
	requirePair(t)
	other := [8]uint32{1, 2, 3, 4, 5, 6, 7, 8}
	a, b := initialState, other
	var block [blockSize]byte
	blocks2(&a, &b, &block[0], &block[0], 0)
	if a != initialState || b != other {
		t.Errorf("states are %x and %x", a, b)
	}
}

// TestPad includes sizes that are too large to hash in a test.
func TestPad(t *testing.T) {
	for _, size := range []int64{0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1 << 29, 1<<40 + 7} {
		tail := make([]byte, size%blockSize, 2*blockSize+maxPadding)
		got := pad(tail, size)
		added := got[len(tail):]
		if len(got)%blockSize != 0 || len(added) < 9 || len(added) > maxPadding || added[0] != 0x80 ||
			len(bytes.Trim(added[1:len(added)-8], "\x00")) != 0 {
			t.Errorf("%d bytes: padding %x", size, added)
		}
	}
}

// TestPairFiles hashes files of all combinations of two sizes around the limits of
// the buffer, with jobs for other algorithms and for missing files between them.
func TestPairFiles(t *testing.T) {
	requirePair(t)
	root := t.TempDir()
	sizes := []int{0, 1, 63, 64, pairBuffer - 64, pairBuffer - 1, pairBuffer, pairBuffer + 1, 2 * pairBuffer, 3*pairBuffer + 1}
	for _, size := range sizes {
		writeFile(t, root, fmt.Sprint(size), content(size))
	}
	both := SetOf(SHA256, BLAKE3)
	var jobs []Job
	var want []Result
	add := func(set Set, size int) {
		jobs = append(jobs, Job{Path: fmt.Sprint(size), Algorithms: set})
		want = append(want, Result{Digests: Sum(set, content(size)), Size: int64(size)})
	}
	for _, x := range sizes {
		for i, y := range sizes {
			add(SetOf(SHA256), x)
			if i%3 == 0 {
				add(both, y)
				jobs, want = append(jobs, Job{Path: "missing", Algorithms: SetOf(SHA256)}), append(want, Result{})
			}
			add(SetOf(SHA256), y)
		}
	}
	got, err := Files(t.Context(), root, jobs, Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, j := range jobs {
		if j.Path == "missing" {
			if got[i].Err == nil {
				t.Errorf("job %d, %s: no error", i, j.Path)
			}
			continue
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("job %d, %s bytes, %v: got %v, want %v", i, j.Path, j.Algorithms, got[i], want[i])
		}
	}
}

// TestPairCancelled cancels the context while a stream has an open file.
func TestPairCancelled(t *testing.T) {
	requirePair(t)
	root := t.TempDir()
	writeFile(t, root, "long.js", content(2*pairBuffer))
	fsys, err := openRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.close()
	ctx, cancel := context.WithCancel(t.Context())
	w := &worker{pool: newPool(ctx, fsys, []Job{{Path: "long.js", Algorithms: SetOf(SHA256)}}, Options{}), reader: fsys.newReader()}
	defer w.reader.close()
	hasher, _ := newPairHasher(w)
	p := hasher.(*pair)
	s := &p.streams[0]
	if p.begin(s, 0); !s.open {
		t.Fatal("the file is not open")
	}
	cancel()
	p.read(s)
	if r := w.pool.results[0]; !errors.Is(r.Err, context.Canceled) || s.open || s.job != noJob {
		t.Errorf("got %v, open %v, job %d, want %v and no open file", r, s.open, s.job, context.Canceled)
	}
}

func FuzzBlocks2(f *testing.F) {
	requirePair(f)
	for _, n := range []int{0, 1, 55, 56, 63, 64, 65, 119, 128, 1000} {
		f.Add(content(n), content(1000-n))
		f.Add(content(n), content(n))
	}
	f.Fuzz(func(t *testing.T, x, y []byte) { checkPair(t, x, y) })
}

func BenchmarkBlocks2(b *testing.B) {
	requirePair(b)
	p := randomBytes(64 << 10)
	b.Run("two", func(b *testing.B) {
		x, y := initialState, initialState
		b.SetBytes(int64(len(p)))
		for b.Loop() {
			blocks2(&x, &y, &p[0], &p[len(p)/2], len(p)/2/blockSize)
		}
	})
	b.Run("one", func(b *testing.B) {
		b.SetBytes(int64(len(p)))
		for b.Loop() {
			sha256.Sum256(p)
		}
	})
}
