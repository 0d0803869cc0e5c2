package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

// The bootstrap runs only the image whose head has the digest that it has: others may be
// able to write an image that is in a directory. This script reads no more than the head.
func TestImageAltered(t *testing.T) {
	image, head, err := Image{Script: "(function () { console.log('the preload'); })"}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		image []byte
		runs  bool
	}{
		"unchanged":       {image, true},
		"another preload": {bytes.Replace(image, []byte("the preload"), []byte("evil script"), 1), false},
		"another digest":  {slices.Concat(image[:head-1], []byte{image[head-1] ^ 1}, image[head:]), false},
		"a longer body":   {append(bytes.Clone(image), 0), true},
		"no body":         {image[:head], true},
		"a shorter head":  {image[:head-1], false},
		"empty":           {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, script := filepath.Join(dir, "image"), filepath.Join(dir, "main.cjs")
			flag, err := bootstrapFlag("", image, head, []string{file})
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string][]byte{file: c.image, script: []byte("console.log('the program')")} {
				if err := os.WriteFile(name, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			stdout, stderr, code := testenv.Run(t, dir, []string{nodeOptions + "=" + nodeflags.Quote([]string{flag})}, testenv.Node(t, 24), script)
			want, status := "the preload\nthe program\n", 0
			if !c.runs {
				want, status = "", Stopped
			}
			if stdout != want || code != status || !c.runs && !strings.Contains(stderr, "nothing can be checked") {
				t.Errorf("exit %d, want %d\n%s%s", code, status, stdout, stderr)
			}
		})
	}
}
