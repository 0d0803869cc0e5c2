package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

// The bootstrap runs only the image whose digest it has: others may be able to write
// an image that is in a directory.
func TestImageAltered(t *testing.T) {
	image, err := Image{Script: "(function () { console.log('the preload'); })"}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		image []byte
		runs  bool
	}{
		"unchanged":       {image, true},
		"another preload": {bytes.Replace(image, []byte("the preload"), []byte("evil script"), 1), false},
		"longer":          {append(bytes.Clone(image), 0), false},
		"shorter":         {image[:len(image)-1], false},
		"empty":           {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, script := filepath.Join(dir, "image"), filepath.Join(dir, "main.cjs")
			flag, err := bootstrapFlag("", image, []string{file})
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
