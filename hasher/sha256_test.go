package hasher

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// sumPair is SHA-256 of two inputs by blocks2: as many blocks of both as the
// shorter has, then the rest of the other beside a copy of itself.
func sumPair(x, y []byte) (Digest, Digest) {
	size := func(p []byte) int64 { return int64(len(p)) }
	a, b := lane{state: initial}, lane{state: initial}
	a.blocks = pad(bytes.Clone(x), size(x))
	b.blocks = pad(bytes.Clone(y), size(y))
	n := min(len(a.blocks), len(b.blocks))
	blocks2(&a.state, &b.state, &a.blocks[0], &b.blocks[0], n/blockSize)
	for _, l := range []*lane{&a, &b} {
		if l.blocks = l.blocks[n:]; len(l.blocks) > 0 {
			l.hash()
		}
	}
	return digestOf(&a.state), digestOf(&b.state)
}

func checkPair(t *testing.T, x, y []byte) {
	t.Helper()
	gotX, gotY := sumPair(x, y)
	wantX, wantY := sha256.Sum256(x), sha256.Sum256(y)
	if !bytes.Equal(gotX.Bytes(), wantX[:]) || !bytes.Equal(gotY.Bytes(), wantY[:]) {
		t.Errorf("%d and %d bytes: got %v and %v, want %x and %x", len(x), len(y), gotX, gotY, wantX, wantY)
	}
}

func needBlocks2(t testing.TB) {
	switch {
	case hasBlocks2:
	case runtime.GOARCH == "amd64":
		testenv.Unavailable(t, "the processor or the build has no two lanes")
	default:
		t.Skip("there are no two lanes for this processor")
	}
}

func random(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return p
}

func TestBlocks2(t *testing.T) {
	needBlocks2(t)
	long := random(1000)
	for n := range len(long) + 1 {
		checkPair(t, long[:n], long[n:])      // all lengths, neither lane like the other
		checkPair(t, long[:n], random(n))     // of the same length
		checkPair(t, long[len(long)-n:], nil) // at all alignments
	}
	for range 50 {
		checkPair(t, random(rand.IntN(300_000)), random(rand.IntN(300_000)))
	}
}

// No block is a call that changes nothing.
func TestBlocks2None(t *testing.T) {
	needBlocks2(t)
	a, b := initial, [8]uint32{1, 2, 3, 4, 5, 6, 7, 8}
	var block [blockSize]byte
	blocks2(&a, &b, &block[0], &block[0], 0)
	if a != initial || b != [8]uint32{1, 2, 3, 4, 5, 6, 7, 8} {
		t.Errorf("states are %x and %x", a, b)
	}
}

// The padding is also that of lengths which no test has the bytes for.
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

func FuzzBlocks2(f *testing.F) {
	needBlocks2(f)
	for _, n := range []int{0, 1, 55, 56, 63, 64, 65, 119, 128, 1000} {
		f.Add(content(n), content(1000-n))
		f.Add(content(n), content(n))
	}
	f.Fuzz(func(t *testing.T, x, y []byte) { checkPair(t, x, y) })
}

func BenchmarkBlocks2(b *testing.B) {
	needBlocks2(b)
	p := random(64 << 10)
	b.Run("two", func(b *testing.B) {
		x, y := initial, initial
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
