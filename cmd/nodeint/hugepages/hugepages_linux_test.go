//go:build amd64 || arm64

package hugepages

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// From the start, memory is advised in the form in which the system can give huge pages. What
// the heap grows after Grow is in such memory. (What it grows after the start is too, unless
// garbage is just being collected.)
func TestHeap(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil || CollectorIsSet() {
		const reason = "the system has no huge pages, or the environment sets the garbage collector"
		if os.Getenv("CI") == "true" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	for _, tt := range []struct {
		grow int // in bytes, or 0
		need int // allocated after that
	}{
		{0, 0},
		{48 << 20, 40 << 20},
		{100 << 20, 80 << 20},
		{200 << 20, 150 << 20},
	} {
		if tt.grow > 0 {
			Grow(tt.grow, debug.FreeOSMemory)
		}
		s := advised[len(advised)-1]
		if s.from%hugePage != 0 {
			t.Errorf("Grow(%d): %#x is in a huge page", tt.grow, s.from)
		}
		if size := max(tt.grow, Initial); int(s.to-s.from) < size/2 {
			t.Errorf("Grow(%d): %d bytes are advised", tt.grow, s.to-s.from)
		}
		if flags := flagsOf(t, s.from); !slices.Contains(flags, "hg") {
			t.Errorf("Grow(%d): the flags of the memory are %v", tt.grow, flags)
		}
		if tt.need == 0 {
			continue
		}
		middle := take(uintptr(tt.need)) - uintptr(tt.need)/2 // it may begin before
		if !slices.ContainsFunc(advised, func(s span) bool { return s.from <= middle && middle < s.to }) {
			t.Errorf("Grow(%d): the next %d bytes are around %#x, which is not in %x", tt.grow, tt.need, middle, advised)
		}
	}
	all := advised
	Stop()
	for _, s := range all {
		if flags := flagsOf(t, s.from); !slices.Contains(flags, "nh") {
			t.Errorf("after Stop, the flags of the memory are %v", flags)
		}
	}
	for _, s := range all {
		s.advise() // for -count
	}
}

// flagsOf returns the flags of the mapping of an address.
func flagsOf(t *testing.T, address uintptr) []string {
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range bytes.Lines(text) {
		var from, to uintptr
		if n, _ := fmt.Sscanf(string(line), "%x-%x ", &from, &to); n == 2 {
			inside = from <= address && address < to
		}
		if flags, ok := strings.CutPrefix(string(line), "VmFlags:"); ok && inside {
			return strings.Fields(flags)
		}
	}
	t.Fatalf("%#x is not mapped", address)
	return nil
}

// The environment turns it off.
func TestOff(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		off         bool
	}{
		{"GOGC", "", false},
		{"GOGC", "50", true},
		{"GOMEMLIMIT", "1GiB", true},
		{"GOMAXPROCS", "1", false},
	} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			t.Setenv("GOGC", "")
			t.Setenv("GOMEMLIMIT", "")
			t.Setenv(tt.name, tt.value)
			if got := CollectorIsSet(); got != tt.off {
				t.Errorf("CollectorIsSet() = %v", got)
			}
		})
	}
}
