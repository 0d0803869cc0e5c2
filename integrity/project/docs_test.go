package project

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table in docs/configuration.md lists the members that readConfig accepts.
func TestDocumentedConfig(t *testing.T) {
	members := slices.Sorted(maps.Keys(setters))
	if diff := cmp.Diff(members, testenv.DocumentedNames(t, "docs/configuration.md", "The member `nodeint` of package.json")); diff != "" {
		t.Errorf("in the code (-) and on the page (+):\n%s", diff)
	}
}
