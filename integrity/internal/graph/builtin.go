package graph

import "strings"

// builtins are the names that Node resolves to its own modules before it looks
// at the file system, with or without "node:" before them: module.builtinModules
// of Node 22, 24 and 26, less those that need the prefix ("test", "sqlite" …),
// which name a package without it.
var builtins = setOf(`
_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server
_stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_wrap _stream_writable
_tls_common _tls_wrap assert assert/strict async_hooks buffer child_process cluster console constants
crypto dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector
inspector/promises module net os path path/posix path/win32 perf_hooks process punycode querystring
readline readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys
timers timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib`)

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

func isBuiltin(specifier string) bool {
	return builtins[specifier] || strings.HasPrefix(specifier, "node:")
}
