package main

import "testing"

func TestRunnerOf(t *testing.T) {
	const (
		npm  = "/app/node_modules/@nodeint/linux-x64/bin/nodeint"
		pnpm = "/app/node_modules/.pnpm/@nodeint+linux-x64@1.0.0/node_modules/@nodeint/linux-x64/bin/nodeint"
		pnp  = "/app/.yarn/unplugged/@nodeint-linux-x64-npm-1.0.0-0123456789/node_modules/@nodeint/linux-x64/bin/nodeint"
	)
	tests := []struct{ file, agent, want string }{
		{"/usr/local/bin/nodeint", "", ""},
		{"/usr/local/bin/nodeint", "npm/12.0.0 node/v24.0.0 linux x64", ""},
		{"/app/node_modules/nodeint/bin/nodeint", "", ""},
		{npm, "", "npx"},
		{npm, "npm/12.0.0 node/v24.0.0 linux x64", "npx"},
		{npm, "yarn/1.22.22 npm/? node/v24.0.0 linux x64", "yarn"},
		{npm, "bun/1.3.0 npm/? node/v24.0.0 linux x64", "bunx"},
		{npm, "unknown/1", "npx"},
		{pnpm, "", "pnpm exec"},
		{pnpm, "pnpm/12.0.0 npm/? node/v24.0.0 linux x64", "pnpm exec"},
		{pnp, "", "yarn"},
	}
	for _, tt := range tests {
		if got := runnerOf(tt.file, tt.agent); got != tt.want {
			t.Errorf("runnerOf(%q, %q) = %q, want %q", tt.file, tt.agent, got, tt.want)
		}
	}
}

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
