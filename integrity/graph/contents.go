package graph

import (
	"path/filepath"
	"strings"
)

// contents gives esbuild's text of a module: its own, and behind it what the
// module asks for in ways that esbuild does not see.
func (w *walk) contents(path, rel string, data []byte) string {
	if filepath.Ext(path) == ".wasm" {
		var b strings.Builder
		for _, name := range wasmImports(data) {
			b.WriteString("import " + quote(name) + "\n")
		}
		return b.String()
	}
	return string(data)
}
