package lockcheck

import "testing"

// The names are those of patch-package's README and of its parser of file names.
func TestIsPatchPackage(t *testing.T) {
	for _, tt := range []struct {
		file, name, version string
		want                bool
	}{
		{"patches/a+1.0.0.patch", "a", "1.0.0", true},
		{"patches/@s+b+1.0.0.patch", "@s/b", "1.0.0", true},
		{"patches/outer++a+1.0.0.patch", "a", "1.0.0", true},
		{"patches/a+1.0.0.dev.patch", "a", "1.0.0", true},
		{"patches/a+1.0.0+001.patch", "a", "1.0.0", true},
		{"patches/a+1.0.0+002+fix-it.patch", "a", "1.0.0", true},
		{"patches/a+1.0.0+002+fix-it.dev.patch", "a", "1.0.0", true},

		{"patches/a+1.0.0", "a", "1.0.0", false},
		{"patches/a+1.0.0.diff", "a", "1.0.0", false},
		{"patches/a+1.0.0.patch", "a", "1.0.1", false},
		{"patches/a+1.0.0-rc.patch", "a", "1.0.0", false},
		{"patches/a+1.0.01.patch", "a", "1.0.0", false},
		{"patches/a+1.0.0+fix.patch", "a", "1.0.0", false},
		{"patches/a+1.0.0++b+1.0.0.patch", "a", "1.0.0", false},
		{"patches/xa+1.0.0.patch", "a", "1.0.0", false},
		{"patches/x+a+1.0.0.patch", "a", "1.0.0", false},
	} {
		if got := isPatchPackage(tt.file, tt.name, tt.version); got != tt.want {
			t.Errorf("isPatchPackage(%q, %q, %q) = %v", tt.file, tt.name, tt.version, got)
		}
	}
}
