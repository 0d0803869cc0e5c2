package powers

import (
	"maps"
	"slices"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// members are names that mean a power wherever a source has them, also as the name of a
// property in a string.
var members = sync.OnceValue(func() map[string]nodejs.Power {
	table := map[string]nodejs.Power{
		"execve":              nodejs.ChildProcess,
		"dlopen":              nodejs.Addons,
		"WebAssembly":         nodejs.Wasm,
		"_linkedBinding":      nodejs.Binding,
		"registerHooks":       nodejs.ModuleHooks,
		"setFlagsFromString":  nodejs.V8Flags,
		"startupSnapshot":     nodejs.V8Flags,
		"allowExtension":      nodejs.SQLiteExtension,
		"loadExtension":       nodejs.SQLiteExtension,
		"enableLoadExtension": nodejs.SQLiteExtension,
		"setEngine":           nodejs.Engine,
		"clientCertEngine":    nodejs.Engine,
		"privateKeyEngine":    nodejs.Engine,
		"WebSocket":           nodejs.Network,
		"EventSource":         nodejs.Network,
	}
	for _, name := range []string{
		"writeFile", "writeFileSync", "appendFile", "appendFileSync", "createWriteStream", "mkdirSync", "mkdtemp", "mkdtempSync", "rmSync",
		"rmdirSync", "unlinkSync", "renameSync", "copyFile", "copyFileSync", "cpSync", "symlinkSync", "truncateSync", "ftruncateSync",
		"chmodSync", "chownSync", "utimesSync", "lutimesSync", "futimesSync",
	} {
		table[name] = nodejs.FSWrite
	}
	return table
})

// writers are functions of node:fs whose names mean that in a source that names node:fs.
var writers = []string{
	"open", "openSync", "write", "writev", "writeSync", "mkdir", "rm", "rmdir", "unlink", "rename", "cp", "symlink", "link", "linkSync",
	"truncate", "chmod", "chown", "utimes", "lutimes",
}

// globalObjects are the names of the global object.
var globalObjects = []string{"globalThis", "global", "window", "self"}

// isGlobal reports whether w is the name of a global, and not of a property.
func isGlobal(w jsscan.Word) bool {
	return !w.IsKey && (!w.IsMember || slices.Contains(globalObjects, w.Object))
}

func isProcess(w jsscan.Word) bool {
	return w.Object == "process"
}

// isCalledConstructor accepts Function(…), Function.apply(…) and the like, and not the name
// of a type.
func isCalledConstructor(w jsscan.Word) bool {
	if !isGlobal(w) {
		return false
	}
	switch w.Member {
	case "apply", "call", "bind":
		return true
	}
	return w.IsCalled
}

// A global is the power that a name means, if test accepts what is around it.
type global struct {
	power nodejs.Power
	test  func(w jsscan.Word) bool
}

// globals are names that mean a power by what is around them.
var globals = map[string]global{
	"eval":                   {nodejs.Eval, isGlobal},
	"Function":               {nodejs.Eval, isCalledConstructor},
	"AsyncFunction":          {nodejs.Eval, isCalledConstructor},
	"GeneratorFunction":      {nodejs.Eval, isCalledConstructor},
	"AsyncGeneratorFunction": {nodejs.Eval, isCalledConstructor},
	"fetch":                  {nodejs.Network, isGlobal},
	"binding":                {nodejs.Binding, isProcess},
	"env":                    {nodejs.Environment, isProcess},
}

// wordSet has every word that Scan looks at.
var wordSet = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for name := range nodejs.ModulePowers() {
		set[name], set["node:"+name] = true, true
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(members())), slices.Collect(maps.Keys(globals)), writers, loaders) {
		set[name] = true
	}
	for _, name := range filesystems {
		set[name], set["node:"+name] = true, true
	}
	return set
})
