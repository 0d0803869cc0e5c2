package project

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table of docs/configuration.md holds the members that readConfig takes.
func TestDocumentedConfig(t *testing.T) {
	members := slices.Sorted(maps.Keys(setters))
	if diff := cmp.Diff(members, testenv.DocumentedNames(t, "docs/configuration.md", "The member `nodeint` of package.json")); diff != "" {
		t.Errorf("in the code (-) and in the page (+):\n%s", diff)
	}
}
