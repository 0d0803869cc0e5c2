package setup

import "testing"

func TestRunner(t *testing.T) {
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
		if got := Runner(tt.file, tt.agent); got != tt.want {
			t.Errorf("Runner(%q, %q) = %q, want %q", tt.file, tt.agent, got, tt.want)
		}
	}
}
