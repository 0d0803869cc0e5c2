//go:build amd64 || arm64

package execwatch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The kernel passes the argument that Shebang returns.
func TestShebangOfKernel(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	interpreter := filepath.Join(dir, "i")
	if err := os.Symlink(self, interpreter); err != nil {
		t.Fatal(err)
	}
	for i, tt := range shebangs {
		if len(tt.words) == 0 || len(tt.head) > HeadSize {
			continue
		}
		head := strings.Replace(tt.head, tt.words[0], interpreter, 1)
		words, ok := Shebang([]byte(head))
		if !ok || words[0] != interpreter {
			continue // the name has a character that the interpreter's does not have
		}
		script := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(script, []byte(head), 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(script)
		cmd.Env = []string{programEnv + "=arguments"}
		out, err := cmd.Output()
		if want := fmt.Sprintf("%q", append(words[1:], script)); err != nil || string(out) != want {
			t.Errorf("%q: the interpreter gets %s (%v), and Shebang says %s", head, out, err, want)
		}
	}
}
