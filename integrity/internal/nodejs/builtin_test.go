package nodejs

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// TestBuiltinsMatchNode compares the table with module.builtinModules of each supported
// version of Node. Names that need the prefix "node:" are not part of the table.
func TestBuiltinsMatchNode(t *testing.T) {
	for _, major := range []int{22, 24, 26} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			out, err := exec.Command(testenv.Node(t, major), "-p", "JSON.stringify(require('node:module').builtinModules)").Output()
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if err := json.Unmarshal(out, &want); err != nil {
				t.Fatal(err)
			}
			want = slices.DeleteFunc(want, func(name string) bool { return strings.HasPrefix(name, "node:") })
			slices.Sort(want)
			var got []string
			for name := range builtins() {
				if IsBuiltinIn(name, major) {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Node (-) and the table (+):\n%s", diff)
			}
		})
	}
}

func TestIsBuiltin(t *testing.T) {
	for specifier, want := range map[string]bool{
		"fs": true, "fs/promises": true, "node:fs": true, "node:test": true, "node:none": true,
		"_stream_wrap": true, // only up to Node 24
		"test":         false, "sqlite": false, "express": false, "./fs": false, "fs/": false, "": false,
	} {
		if got := IsBuiltin(specifier); got != want {
			t.Errorf("IsBuiltin(%q) = %v", specifier, got)
		}
	}
}
