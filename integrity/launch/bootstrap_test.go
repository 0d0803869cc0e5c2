package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The bootstrap runs the image whose digest it holds, and no other: where it lies in
// a folder, others may get at it.
func TestImageAltered(t *testing.T) {
	image, err := Image{Hook: "(function () { console.log('the hook'); })"}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		image []byte
		runs  bool
	}{
		"as it was":    {image, true},
		"another hook": {bytes.Replace(image, []byte("the hook"), []byte("evil way"), 1), false},
		"more of it":   {append(bytes.Clone(image), 0), false},
		"less of it":   {image[:len(image)-1], false},
		"nothing":      {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, script := filepath.Join(dir, "image"), filepath.Join(dir, "main.cjs")
			word, err := bootstrapWord("", image, []string{file})
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string][]byte{file: c.image, script: []byte("console.log('the program')")} {
				if err := os.WriteFile(name, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			stdout, stderr, code := testenv.Run(t, dir, []string{nodeOptions + "=" + Quote([]string{word})}, testenv.Node(t, 24), script)
			want, status := "the hook\nthe program\n", 0
			if !c.runs {
				want, status = "", Stopped
			}
			if stdout != want || code != status || !c.runs && !strings.Contains(stderr, "nothing can be checked") {
				t.Errorf("exit %d, want %d\n%s%s", code, status, stdout, stderr)
			}
		})
	}
}
