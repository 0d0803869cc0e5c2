package nodejs

import (
	"strings"
	"sync"
)

// builtins lists module.builtinModules of Node 22, 24 and 26: the names that
// Node resolves to its own modules before it looks at the file system, with or
// without "node:". Names that need the prefix ("node:test", "node:sqlite") are
// not listed: without it they are names of packages.
//
// The value is the last major version that has the name, or 0 if every
// supported version has it. builtin_test.go compares the table with real ones.
var builtins = sync.OnceValue(func() map[string]int {
	table := make(map[string]int)
	add := func(last int, names string) {
		for _, name := range strings.Fields(names) {
			table[name] = last
		}
	}
	add(0, `
_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server
_tls_common _tls_wrap assert assert/strict async_hooks buffer child_process cluster console constants
crypto dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector
inspector/promises module net os path path/posix path/win32 perf_hooks process punycode querystring
readline readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys
timers timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib`)
	add(24, `
_stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_wrap _stream_writable`)
	return table
})

// IsBuiltin reports whether any supported version of Node resolves specifier to
// a module of its own.
func IsBuiltin(specifier string) bool {
	_, ok := builtins()[specifier]
	return ok || strings.HasPrefix(specifier, "node:")
}

// IsAlwaysBuiltin reports whether every supported version of Node resolves specifier to a
// module of its own. Of another builtin, a package of that name matters as well.
func IsAlwaysBuiltin(specifier string) bool {
	last, ok := builtins()[specifier]
	return ok && last == 0 || strings.HasPrefix(specifier, "node:")
}

// IsBuiltinIn reports whether Node of the given major version (22 or later)
// resolves specifier, written without "node:", to a module of its own.
func IsBuiltinIn(specifier string, major int) bool {
	last, ok := builtins()[specifier]
	return ok && (last == 0 || major <= last)
}
