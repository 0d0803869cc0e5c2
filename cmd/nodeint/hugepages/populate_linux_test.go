//go:build amd64 || arm64

package hugepages

import (
	"os"
	"reflect"
	"testing"
)

func TestCodeIn(t *testing.T) {
	for name, tt := range map[string]struct {
		maps string
		want span
	}{
		"a program": {
			"00400000-00e9b000 r-xp 00000000 fe:00 1 /bin/nodeint\n00e9b000-01af4000 r--p 00a9b000 fe:00 1 /bin/nodeint\n",
			span{0x400000, 0xe9b000},
		},
		"linked by C": {
			"55d0c0a00000-55d0c0b00000 r--p 00000000 fe:00 1 /a b\n55d0c0b00000-55d0c0c00000 r-xp 00100000 fe:00 1 /a b\n",
			span{0x55d0c0b00000, 0x55d0c0c00000},
		},
		"cut off":        {"00400000-00e9b000 r-xp 00000000 fe:00 1 /bin/node", span{0x400000, 0xe9b000}},
		"in the access":  {"00400000-00e9b000 r-", span{}},
		"in the address": {"00400000-00e9", span{}},
		"nothing":        {"", span{}},
		"something else": {"x\n\n-", span{}},
	} {
		if got := codeIn([]byte(tt.maps)); got != tt.want {
			t.Errorf("%s: got %x, want %x", name, got, tt.want)
		}
	}
}

// The code of this program is in what it maps.
func TestCodeOfProgram(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	s := codeIn(maps)
	if f := reflect.ValueOf(codeIn).Pointer(); f < s.from || f >= s.to {
		t.Errorf("a function is at %#x, which is not in %x", f, s)
	}
}
