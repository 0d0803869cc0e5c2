package nodejs

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// A Power is something that a program can do beside computing and reading files, and that
// few packages do.
type Power string

// The powers.
const (
	ChildProcess    Power = "child-process"    // start programs: child_process, cluster, process.execve
	Worker          Power = "worker"           // start threads: worker_threads
	Addons          Power = "addons"           // load machine code: .node files, process.dlopen
	FFI             Power = "ffi"              // call machine code: node:ffi
	WASI            Power = "wasi"             // give WebAssembly access to the system: wasi
	Wasm            Power = "wasm"             // run WebAssembly
	Eval            Power = "eval"             // compile code from strings: eval, Function
	VM              Power = "vm"               // compile code in contexts: vm, repl
	Inspector       Power = "inspector"        // debug itself: inspector
	SQLite          Power = "sqlite"           // node:sqlite
	SQLiteExtension Power = "sqlite-extension" // load machine code into node:sqlite
	ModuleHooks     Power = "module-hooks"     // change what modules are: module.register, module.registerHooks
	Binding         Power = "binding"          // use Node's internals: process.binding
	V8Flags         Power = "v8-flags"         // change V8's flags and snapshot: v8.setFlagsFromString, v8.startupSnapshot
	Engine          Power = "engine"           // load machine code into OpenSSL: crypto.setEngine, options of TLS
	Test            Power = "test"             // node:test, which replaces modules and functions
	Network         Power = "network"          // net, tls, dgram, dns, http and what is built on them; fetch
	FSWrite         Power = "fs-write"         // write files
	Environment     Power = "environment"      // read environment variables: process.env
)

// Powers returns all powers, sorted.
func Powers() []Power { return slices.Clone(powers) }

var powers = func() []Power {
	list := []Power{
		ChildProcess, Worker, Addons, FFI, WASI, Wasm, Eval, VM, Inspector, SQLite, SQLiteExtension,
		ModuleHooks, Binding, V8Flags, Engine, Test, Network, FSWrite, Environment,
	}
	slices.Sort(list)
	return list
}()

// IsPower reports whether there is a power of that name.
func IsPower(name string) bool { return slices.Contains(powers, Power(name)) }

// modulePowers are the powers of Node's modules, by name without "node:".
var modulePowers = sync.OnceValue(func() map[string]Power {
	table := make(map[string]Power)
	for power, names := range map[Power]string{
		ChildProcess: "child_process cluster",
		Worker:       "worker_threads",
		FFI:          "ffi",
		WASI:         "wasi",
		VM:           "vm repl",
		Inspector:    "inspector inspector/promises",
		SQLite:       "sqlite",
		Test:         "test test/reporters",
		Network: `net tls dgram dns dns/promises http http2 https quic dtls _http_agent _http_client _http_common _http_incoming
			_http_outgoing _http_server _tls_common _tls_wrap`,
	} {
		for _, name := range strings.Fields(names) {
			table[name] = power
		}
	}
	return table
})

// PowerOf returns the power that a module of Node gives, by its name with or without
// "node:". A module that has no name without it, such as node:test, gives none without it.
func PowerOf(builtin string) (Power, bool) {
	name, hasScheme := strings.CutPrefix(builtin, "node:")
	power, ok := modulePowers()[name]
	return power, ok && (hasScheme || IsAlwaysBuiltin(name))
}

// ModulePowers returns the powers of Node's modules, by name without "node:".
func ModulePowers() map[string]Power { return maps.Clone(modulePowers()) }
