package graph

import (
	"strings"
	"testing"
)

func TestNestedTooDeep(t *testing.T) {
	n := mostNested
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"nothing":               {"", false},
		"as deep as may be":     {strings.Repeat("[", n) + strings.Repeat("]", n), false},
		"one deeper":            {strings.Repeat("[", n+1), true},
		"of all kinds":          {strings.Repeat("([{", n/2), true},
		"side by side":          {strings.Repeat("(){}[]", n), false},
		"closed more than open": {strings.Repeat(")", n) + strings.Repeat("(", n), false},
	} {
		if got := nestedTooDeep([]byte(c.text)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPackageName(t *testing.T) {
	for specifier, want := range map[string]string{
		"a": "a", "a/b": "a", "a/b/c": "a", "@s/a": "@s/a", "@s/a/b/c": "@s/a", "@s": "@s", "": "",
	} {
		if got := packageName(specifier); got != want {
			t.Errorf("%q of %q, want %q", got, specifier, want)
		}
	}
}
