//go:build amd64 || arm64

package hugepages

import (
	"syscall"
	"unsafe"
)

const (
	hugePage = 2 << 20
	page     = 4 << 10 // at least

	// Each processor of the runtime keeps 512 KiB at most for objects below 128 KiB.
	uncached = 128 << 10
	cached   = 64 << 10
)

// Values of madvise.
const (
	madvHugePage     = 14
	madvNoHugePage   = 15
	madvPopulateRead = 22 // since Linux 5.14
)

// A span is a range of addresses.
type span struct{ from, to uintptr }

var advised []span

func init() {
	mapCode()
	if CollectorIsSet() || !mayMap(2*Initial) {
		return
	}
	from := take(uncached)
	if n := -from % hugePage; n > 0 {
		from = take(n)
	}
	for take(cached) < from {
	}
	span{from, endOfStack(frame[[Initial/4 + 1]byte])}.advise()
}

// take allocates n bytes that become garbage at once, and returns the address after them.
func take(n uintptr) uintptr {
	taken = make([]byte, n)
	defer func() { taken = nil }()
	return uintptr(unsafe.Pointer(unsafe.SliceData(taken))) + n
}

var taken []byte // so that they are on the heap

// endOfStack returns an address near the end of a stack on which f fits: the runtime doubles
// the stack until it does. The stack is free memory by then.
func endOfStack[T any](f func(*T) byte) uintptr {
	end := make(chan uintptr)
	go func() {
		last := f(nil) // moves the stack
		end <- uintptr(unsafe.Pointer(&last))
	}()
	return <-end &^ (page - 1)
}

// frame has a frame with room for two T, which is not touched if p is nil.
//
//go:noinline
func frame[T any](p *T) byte {
	if p != nil {
		return pass(*p)
	}
	return 0
}

//go:noinline
func pass[T any](t T) byte { return *(*byte)(unsafe.Pointer(&t)) }

// Grow makes some size bytes that the heap grows huge pages, for a heap that will be large.
// Then it calls free, which must be [runtime/debug.FreeOSMemory]: else the runtime would give
// the memory back bit by bit, and so take the pages apart. (If this package imported that
// one, it would be initialized after it.) Only what is touched takes memory. Grow takes
// 6 ms, and must not be called by two goroutines at once.
func Grow(size int, free func()) {
	if CollectorIsSet() || !mayMap(2*size) {
		return
	}
	from := take(uncached)
	from += -from % hugePage
	switch {
	case size > 128<<20:
		span{from, endOfStack(frame[[512<<20/4 + 1]byte])}.advise()
	case size > 64<<20:
		span{from, endOfStack(frame[[128<<20/4 + 1]byte])}.advise()
	default:
		span{from, endOfStack(frame[[64<<20/4 + 1]byte])}.advise()
	}
	free()
}

// Stop lets the system take huge pages apart, and makes no more of them. What stays of the
// heap of a process that waits would otherwise grow to a multiple of their size.
func Stop() {
	for _, s := range advised {
		madvise(s, madvNoHugePage)
	}
	advised = nil
}

func (s span) advise() {
	if s.from < s.to && madvise(s, madvHugePage) {
		advised = append(advised, s)
	}
}

func madvise(s span, advice uintptr) bool {
	_, _, errno := syscall.RawSyscall(syscall.SYS_MADVISE, s.from, s.to-s.from, advice)
	return errno == 0
}

// mayMap reports whether the process may map size bytes. With less, an allocation that
// exceeds ulimit, or the limit of a kernel that does not overcommit, would end the process.
func mayMap(size int) bool {
	space, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	return err == nil && syscall.Munmap(space) == nil
}
