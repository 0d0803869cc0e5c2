package main

import "testing"

func TestTyped(t *testing.T) {
	tests := []struct{ runner, hint, want string }{
		{"", "to accept the changes: nodeint generate", "to accept the changes: nodeint generate"},
		{"npx", "to accept the changes: nodeint generate", "to accept the changes: npx nodeint generate"},
		{"npx", "nodeint -C api verify", "npx nodeint -C api verify"},
		{"pnpm exec", "run nodeint verify, or nodeint generate (nodeint run does both)", "run pnpm exec nodeint verify, or pnpm exec nodeint generate (pnpm exec nodeint run does both)"},
		{"npx", "use nodeint", "use nodeint"},
		{"npx", "use nodeint on this machine", "use nodeint on this machine"},
		{"npx", "write nodeint.exclude in package.json", "write nodeint.exclude in package.json"},
		{"npx", "npx nodeint verify", "npx nodeint verify"},
		{"npx", "install mynodeint verify", "install mynodeint verify"},
	}
	for _, tt := range tests {
		if got := (&ui{runner: tt.runner}).typed(tt.hint); got != tt.want {
			t.Errorf("typed(%q) with %q = %q, want %q", tt.hint, tt.runner, got, tt.want)
		}
	}
}

func TestTypedVerbs(t *testing.T) {
	for _, v := range verbTable {
		if got, want := (&ui{runner: "npx"}).typed("nodeint "+v.name), "npx nodeint "+v.name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
