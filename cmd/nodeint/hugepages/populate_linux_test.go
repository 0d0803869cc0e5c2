//go:build amd64 || arm64

package hugepages

import (
	"os"
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

func TestCodeIn(t *testing.T) {
	for name, tt := range map[string]struct {
		maps string
		want []span
	}{
		"a program": {
			"00400000-00e9b000 r-xp 00000000 fe:00 1 /bin/nodeint\n00e9b000-01af4000 r--p 00a9b000 fe:00 1 /bin/nodeint\n" +
				"01af4000-01bbd000 rw-p 016f4000 fe:00 1 /bin/nodeint\n7f0000000000-7f0000001000 r--p 00000000 fe:00 2 /lib/ld.so\n",
			[]span{{0x400000, 0xe9b000}, {0xe9b000, 0x1af4000}},
		},
		"at any address": {"55d0c0a00000-55d0c0b00000 r--p 00000000 fe:00 1 /a b\n", []span{{0x55d0c0a00000, 0x55d0c0b00000}}},
		"cut off":        {"00400000-00e9b000 r-xp 00000000 fe:00 1 /bin/node", []span{{0x400000, 0xe9b000}}},
		"in the access":  {"00400000-00e9b000 r-", nil},
		"in the address": {"00400000-00e9", nil},
		"nothing":        {"", nil},
		"something else": {"x\n", nil},
	} {
		if got := codeIn([]byte(tt.maps)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %x, want %x", name, got, tt.want)
		}
	}
}

// The code and the constants of this program are in what it maps.
func TestCodeOfProgram(t *testing.T) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	const text = "a constant"
	all := codeIn(maps)
	for name, address := range map[string]uintptr{
		"a function": reflect.ValueOf(codeIn).Pointer(),
		"a constant": uintptr(unsafe.Pointer(unsafe.StringData(text))),
	} {
		if !slices.ContainsFunc(all, func(s span) bool { return s.from <= address && address < s.to }) {
			t.Errorf("%s at %#x is not in %x", name, address, all)
		}
	}
}
