package jsscan

import (
	"slices"
	"testing"
)

// The globs are the dots that esbuild must not see.
func TestGlobs(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want []int
	}{
		{"require('./l/' + a)", []int{9}},
		{"import(`../${a}.mjs`)", []int{8}},
		{"require.resolve(c ? './a' : './l/' + a)", []int{29}},
		{"import.meta.resolve('./l/' + a)", []int{21}},
		{"require(('./l/' + a))", []int{10}},
		{"require('./l/' + 'a')", nil},
		{"require('l/' + a)", nil},
		{"require('\\x2e/l/' + a)", nil},
		{"f('./l/' + a); require(f('./l/' + a))", nil},
	} {
		if got := Scan([]byte(tt.src)).Globs; !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.src, got, tt.want)
		}
	}
}
