package nodeflags

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// A Kind is what a flag of node means to nodeint. The preload checks the flags of
// child processes and workers by the same table.
type Kind string

const (
	Pass       Kind = "pass"       // one word that does not change what is loaded; it may have "=value"
	Value      Kind = "value"      // as Pass, with a value: "--x=v", or the next word
	Packages   Kind = "packages"   // as Value; the value must be the package map that the map has
	Conditions Kind = "conditions" // as Value; the value must be a condition of the map
	Require    Kind = "require"    // loads a CommonJS module first, with a value
	Import     Kind = "import"     // loads a module first, with a value
	Eval       Kind = "eval"       // code as a string: all take a value, but -p and --print only a next word that is not a flag
	Reporter   Kind = "reporter"   // as Value; the value must be one of node's own test reporters
	Alone      Kind = "alone"      // as Pass, and node needs no script: it prints something or finds its files itself
	Refuse     Kind = "refuse"     // bypasses the preload, or is not known well enough
)

// A Rule is the row of a Table for one flag.
type Rule struct {
	Kind   Kind
	Reason string // for Refuse: follows "node's flag X is refused: "
	Valued bool   // for Refuse: whether the flag takes a value

	// Effect is what the flag means to the resolution of names.
	Effect Effect
}

// takesValue reports whether a flag takes a value.
func (r Rule) takesValue() bool {
	switch r.Kind {
	case Value, Conditions, Packages, Reporter, Require, Import, Eval:
		return true
	}
	return r.Valued
}

// An Effect is what a flag means to the resolution of names: which file a name means,
// and which files node reads before the program. generate follows it.
type Effect uint8

const (
	None        Effect = iota
	Condition          // its value is a condition of exports and imports
	Preload            // its value is a module that is loaded before the program
	Loader             // as Preload, and the module may change every resolution
	EnvFile            // its value is a file of environment variables
	ConfigFile         // a file of flags: node.config.json, or its value
	PackageMap         // its value is a file that says which package a name means
	Code               // node runs something other than a file
	NotModelled        // it may change resolutions in a way that generate does not follow
)

// A Table maps the name of each flag of node, with "-" for "_", to what it means. A
// name that ends in "*" stands for all names that begin so and have no row of their
// own. A flag without a row is refused: node has hundreds of flags, and new ones with
// each release. One that loads modules in a way of its own is enough for a bypass.
type Table map[string]Rule

// Text returns a newline, and for each flag, sorted by its name, the line "name kind" or
// "name kind reason". Each start of node searches it for the few flags that node has: to
// read an object of all takes a millisecond there.
func (t Table) Text() string {
	text := append(make([]byte, 0, 40*len(t)), '\n')
	for _, name := range slices.Sorted(maps.Keys(t)) {
		text = append(append(append(text, name...), ' '), t[name].Kind...)
		if reason := t[name].Reason; reason != "" {
			text = append(append(text, ' '), reason...)
		}
		text = append(text, '\n')
	}
	return string(text)
}

// EffectOf returns the effect of a flag by its name, as [Flag] has it.
func EffectOf(name string) Effect { return withInspector().rule(name).Effect }

// Flags returns the table for the powers that allow gives. The caller must not change it.
func Flags(allow Allow) Table {
	if allow.Inspector {
		return withInspector()
	}
	return withoutInspector()
}

var (
	withInspector    = sync.OnceValue(func() Table { return flags(true) })
	withoutInspector = sync.OnceValue(func() Table { return flags(false) })
)

func flags(inspector bool) Table {
	t := make(Table, 512)
	for kind, names := range known {
		for _, name := range strings.Fields(names) {
			t[name] = Rule{Kind: kind}
		}
	}
	for reason, names := range refused {
		for _, name := range strings.Fields(names) {
			t[name] = Rule{Kind: Refuse, Reason: reason, Effect: NotModelled}
		}
	}
	for kind, names := range inspecting {
		for _, name := range strings.Fields(names) {
			if t[name] = (Rule{Kind: kind}); !inspector {
				t[name] = Rule{Kind: Refuse, Reason: inspects}
			}
		}
	}
	for _, name := range strings.Fields(valued) {
		rule := t[name]
		rule.Valued = true
		t[name] = rule
	}
	for effect, names := range effects {
		for _, name := range strings.Fields(names) {
			rule := t[name]
			rule.Effect = effect
			t[name] = rule
		}
	}
	return t
}

// known are the accepted flags of Node.js 22 to 26 and of their V8, by kind.
var known = map[Kind]string{
	Pass: `
		--abort-on-uncaught-exception --addons --async-context-frame -c --check
		--cpu-prof --debug-arraybuffer-allocations --deprecation
		--disable-sigusr1 --disable-wasm-trap-handler
		--disallow-code-generation-from-strings --enable-etw-stack-walking
		--enable-fips --enable-fips-indicator-events
		--enable-network-family-autoselection --enable-source-maps
		--experimental-abortcontroller --experimental-addon-modules
		--experimental-async-context-frame --experimental-bench
		--experimental-detect-module --experimental-dtls
		--experimental-eventsource --experimental-fetch --experimental-ffi
		--experimental-global-customevent --experimental-global-navigator
		--experimental-global-webcrypto --experimental-import-meta-resolve
		--experimental-import-text --experimental-inspector-network-resource
		--experimental-json-modules --experimental-modules
		--experimental-network-inspection --experimental-print-required-tla
		--experimental-quic --experimental-repl-await --experimental-report
		--experimental-require-module --experimental-sqlite
		--experimental-storage-inspection --experimental-stream-iter
		--experimental-strip-types --experimental-test-coverage
		--experimental-test-module-mocks --experimental-test-snapshots
		--experimental-top-level-await --experimental-transform-types
		--experimental-vm-modules --experimental-wasi-unstable-preview1
		--experimental-wasm-modules --experimental-websocket
		--experimental-webstorage --experimental-worker
		--experimental-worker-inspection --expose-gc
		--extra-info-on-fatal-exception --force-async-hooks-checks
		--force-context-aware --force-fips
		--force-node-api-uncaught-exceptions-policy --frozen-intrinsics
		--global-search-paths --heap-prof --http-parser
		--huge-max-old-generation-size --insecure-http-parser
		--interpreted-frames-native-stack --jitless --napi-modules
		--network-family-autoselection --node-memory-debug --node-snapshot
		--openssl-legacy-provider --pending-deprecation
		--prof --report-compact --report-exclude-env
		--report-exclude-network --report-on-fatalerror --report-on-signal
		--report-on-process-timeout
		--report-uncaught-exception --require-module --strip-types
		--test-coverage-include-all --test-force-exit --test-only
		--test-randomize --test-udp-no-try-send --test-update-snapshots
		--throw-deprecation --tls-max-v1.2 --tls-max-v1.3 --tls-min-v1.0
		--tls-min-v1.1 --tls-min-v1.2 --tls-min-v1.3 --trace-events-enabled
		--track-heap-objects --use-bundled-ca --use-env-proxy
		--use-openssl-ca --use-system-ca --verify-base-objects --warnings
		--webstorage --worker-snapshot --zero-fill-buffers

		--permission --experimental-permission --permission-audit
		--allow-addons --allow-child-process --allow-ffi --allow-fs-vfs
		--allow-inspector --allow-net --allow-openssl-store --allow-wasi
		--allow-worker

		--compilation-cache --concurrent-*
		--experimental-wasm-* --expose-externalize-string
		--flush-bytecode --future --gc-* --harmony --harmony-* --hash-seed
		--heap-growing-percent --heap-snapshot-* --incremental-marking
		--initial-heap-size --initial-old-space-size --lazy --lite-mode --log
		--log-* --logfile --logfile-per-isolate --maglev --maglev-* --max-heap-size
		--max-inlined-bytecode-size --max-inlined-bytecode-size-*
		--max-lazy --max-old-space-size --max-optimized-bytecode-size
		--max-semi-space-size --min-semi-space-size --minor-ms --opt
		--optimize-for-size --parallel-* --perf-* --predictable
		--predictable-gc-schedule --print-* --random-seed --regexp-*
		--semi-space-growth-factor --single-threaded --single-threaded-gc
		--sparkplug --always-sparkplug --stack-size --stack-trace-limit
		--trace-* --turbo-* --turbofan --turboshaft --turboshaft-* --use-osr
		--use-strict --wasm-*`,
	Value: `
		--inspect-port --inspect-publish-uid --watch-kill-signal
		--allow-fs-read --allow-fs-write --bench-isolation
		--bench-name-pattern --bench-reporter-destination
		--bench-samples --bench-warmup --cpu-prof-dir
		--cpu-prof-interval --cpu-prof-name --diagnostic-dir --disable-proto
		--disable-warning --dns-result-order --env-file --env-file-if-exists
		--experimental-test-isolation --experimental-test-tag-filter
		--heap-prof-dir --heap-prof-interval --heap-prof-name
		--heapsnapshot-near-heap-limit --heapsnapshot-signal --icu-data-dir
		--localstorage-file --max-http-header-size
		--max-old-space-size-percentage
		--network-family-autoselection-attempt-timeout --redirect-warnings
		--report-dir --report-directory --report-filename --report-signal
		--secure-heap --secure-heap-min
		--test-concurrency --test-coverage-branches --test-coverage-exclude
		--test-coverage-functions --test-coverage-include
		--test-coverage-lines --test-isolation
		--test-name-pattern --test-random-seed --process-timeout
		--test-reporter-destination --test-rerun-failures --test-shard
		--test-skip-pattern --test-timeout --title --tls-cipher-list
		--tls-keylog --trace-event-categories --trace-event-file-pattern
		--trace-require-module --unhandled-rejections --use-largepages
		--v8-pool-size`,
	Conditions: `-C --conditions`,
	Packages:   `--experimental-package-map`,
	Reporter:   `--bench-reporter --test-reporter`,
	Require:    `-r --require`,
	Import:     `--import`,
	Eval:       `-e --eval -p --print -pe --input-type`,
	Alone:      `--bench --completion-bash -h --help --test -v --version --v8-options`,
}

const inspects = "an inspector can run any code"

// inspecting are the flags of the inspector.
var inspecting = map[Kind]string{
	Pass:  `--inspect --inspect-brk --inspect-brk-node --inspect-wait --no-disable-sigusr1`,
	Value: `--debug-port`,
}

// refused are the flags that are known and refused, by reason.
var refused = map[string]string{
	"it reads code from the terminal or from stdin, which no map can pin; name a script":               `-i --interactive`,
	"the loader replaces modules before they are checked; register hooks in the program":               `--loader --experimental-loader`,
	"a snapshot contains code that is not in a file of the map; start the script itself":               `--snapshot-blob --build-snapshot --build-snapshot-config`,
	"it creates an executable, which the map does not cover; run node without nodeint for that":        `--build-sea --experimental-sea-config`,
	"a configuration file can set any other flag; write its flags on the command line":                 `--config-file --experimental-config-file --experimental-default-config-file`,
	"files then have the paths of links, and the map has the real paths":                               `--preserve-symlinks --preserve-symlinks-main`,
	"it starts a shell, which runs without the preload; name the script that it starts":                `--run`,
	"a changed file does not match the map, so there is nothing to watch":                              `--watch --watch-path --watch-preserve-output`,
	"node has removed policies; the map replaces them":                                                 `--experimental-policy --policy-integrity`,
	"OpenSSL's configuration can load libraries that the map does not cover":                           `--openssl-config --openssl-shared-config`,
	"functions of V8 then find what the preload has replaced, and read compiled code from bytes":       `--allow-natives-syntax`,
	"V8 runs its value as code, before the preload":                                                    `--expose-gc-as`,
	"nodeint turns it on, so that no text becomes code":                                                `--no-disallow-code-generation-from-strings`,
	"it makes node's internal modules available, which allow bypasses of the preload":                  `--expose-internals`,
	"it loads modules without the preload":                                                             `--experimental-shadow-realm --harmony-shadow-realm --experimental-web-worker`,
	"it changes the format of pinned files; write type in package.json, or name the file .mjs or .cjs": `--experimental-default-type --experimental-specifier-resolution --es-module-specifier-resolution`,
	"the map does not contain modules from the network; install the package":                           `--experimental-network-imports`,
	"the map does not contain modules of a virtual file system":                                        `--experimental-vfs --vfs-load --vfs-mount`,
	"the entry may then be a data: or https: URL, which no map can pin; name the script by its path":   `--entry-url`,
	"it reverts a security fix of node":                                                                `--security-revert --security-reverts`,
	"it runs node's own profile reader instead of the program; run node without nodeint for that":      `--prof-process`,
	"the test runner loads this module without the preload; do this work in the test files":            `--test-global-setup`,
	"node has removed this flag; use --inspect with --allow inspector":                                 `--debug --debug-brk`,
}

// valued are the refused flags that take a value.
const valued = `
	--config-file --expose-gc-as --test-global-setup
	--loader --experimental-loader --snapshot-blob --build-snapshot-config --build-sea
	--experimental-sea-config --run --watch-path --experimental-policy --policy-integrity
	--openssl-config --experimental-default-type --vfs-load --vfs-mount
	--security-revert --security-reverts`

// effects are the flags with an effect, by effect. Of the refused flags that are not
// listed here, it is NotModelled; of the others, None.
var effects = map[Effect]string{
	Condition:  `-C --conditions`,
	Preload:    `-r --require --import`,
	Loader:     `--loader --experimental-loader`,
	EnvFile:    `--env-file --env-file-if-exists`,
	ConfigFile: `--config-file --experimental-config-file --experimental-default-config-file`,
	PackageMap: `--experimental-package-map`,
	Code: `-e --eval -p --print -pe -i --interactive --run --test --bench --snapshot-blob --build-snapshot
		--build-snapshot-config --build-sea --experimental-sea-config --prof-process
		--completion-bash -h --help -v --version --v8-options`,
	None: `--test-global-setup --watch --watch-path --watch-preserve-output --debug --debug-brk`,
}

// reporters are node's own reporters of tests and benchmarks, by flag: the runner loads no
// file for them.
var reporters = map[string][]string{
	"--test-reporter":  {"dot", "junit", "lcov", "spec", "tap"},
	"--bench-reporter": {"json", "spec"},
}

// Reporters returns node's own reporters, by flag.
func Reporters() map[string][]string { return maps.Clone(reporters) }

// rule returns the row for a name: its own or that of the longest pattern, else that
// of the flag it negates. A flag with a value cannot be negated.
func (t Table) rule(name string) Rule {
	if r, ok := t.row(name); ok {
		return r
	}
	if positive, ok := strings.CutPrefix(name, "--no-"); ok {
		switch r, _ := t.row("--" + positive); r.Kind {
		case Pass, Alone:
			return Rule{Kind: Pass}
		case Refuse:
			return r
		}
	}
	return Rule{}
}

func (t Table) row(name string) (Rule, bool) {
	if r, ok := t[name]; ok {
		return r, !strings.HasSuffix(name, "*")
	}
	for end := len(name) - 1; end > 2; end-- {
		if r, ok := t[name[:end]+"*"]; ok {
			return r, true
		}
	}
	return Rule{}, false
}
