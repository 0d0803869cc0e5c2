package launch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

func TestInstalledVersion(t *testing.T) {
	const header = "#ifndef X\n#define NODE_MAJOR_VERSION 24\n#define NODE_MINOR_VERSION 21\n#define NODE_PATCH_VERSION 3\n#define NODE_VERSION_IS_LTS 1\n"
	tests := []struct {
		name, header string
		want         Version
		ok           bool
	}{
		{"as it is", header, Version{24, 21, 3}, true},
		{"none", "", Version{}, false},
		{"too old", "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 20\n#define NODE_PATCH_VERSION 2\n", Version{20, 20, 2}, false},
		{"a part is missing", "#define NODE_MAJOR_VERSION 24\n#define NODE_MINOR_VERSION 1\n", Version{24, 1, 0}, false},
		{"no number", "#define NODE_MAJOR_VERSION NEW\n#define NODE_MINOR_VERSION 1\n#define NODE_PATCH_VERSION 1\n", Version{}, false},
		{"words are missing", "#define NODE_MAJOR_VERSION\n#define\n", Version{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, map[string]string{filepath.Join(dir, "bin", "node"): ""})
			if tt.header != "" {
				write(t, map[string]string{filepath.Join(dir, "include", "node", "node_version.h"): tt.header})
			}
			link := filepath.Join(dir, "node") // as package managers and version managers make them
			if err := os.Symlink(filepath.Join("bin", "node"), link); err != nil {
				testenv.Unavailable(t, "%v", err)
			}
			if got, ok := InstalledVersion(link); ok != tt.ok || got != tt.want {
				t.Errorf("got %v, %v, want %v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}
