package launch

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnchanged(t *testing.T) {
	region := func(first, anonymous string) string {
		return first + "\nSize:  4 kB\nRss:   4 kB\nAnonymous:  " + anonymous + " kB\nVmFlags: rd ex mr\n"
	}
	smaps := region("00400000-00401000 r-xp 00000000 00:1f 1  /bin/x", "0") +
		region("00401000-00402000 r--p 00001000 00:1f 1  /bin/x", "0") +
		region("00402000-00403000 r--p 00002000 00:1f 1  /bin/x", "4") + // relocated
		region("00403000-00404000 rw-p 00003000 00:1f 1  /bin/x", "0") +
		region("00404000-00405000 r-xs 00003000 00:1f 1  /bin/x", "0") +
		region("7f0000000000-7f0000001000 r-xp 00000000 00:1f 2  /lib/y", "0") +
		region("7f0000001000-7f0000002000 r--p 00000000 00:00 0", "0") +
		region("xyz-7f0000002000 r--p 00000000 00:1f 1  /bin/x", "0")
	want := []mapping{{0x400000, 0x401000}, {0x401000, 0x402000}}
	if diff := cmp.Diff(want, unchanged([]byte(smaps), "/bin/x"), cmp.AllowUnexported(mapping{})); diff != "" {
		t.Errorf("mappings (-want +got):\n%s", diff)
	}
}

// TestReleaseCode: the process goes on with less memory. A program on a file system in
// memory, as the one that runs the tests may be, has its code in RssShmem.
func TestReleaseCode(t *testing.T) {
	size := func() (kilobytes int) {
		text, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			words := strings.Fields(line)
			if words[0] != "RssFile:" && words[0] != "RssShmem:" {
				continue
			}
			n, err := strconv.Atoi(words[1])
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			kilobytes += n
		}
		return kilobytes
	}
	before := size()
	releaseCode()
	if after := size(); after >= before {
		t.Errorf("%d kB of files are in memory, and %d were before", after, before)
	}
}
