package launch

import (
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// A Power is what pinned code may do beside loading modules; see package nodejs.
type Power = nodejs.Power

// notSwitched are the powers that a program always has: nothing in Node takes them away
// without harm, or other checks guard what they do.
var notSwitched = []Power{nodejs.FSWrite, nodejs.Environment, nodejs.Wasm, nodejs.Engine}

// Switchable returns the powers that can be switched off, sorted.
func Switchable() []Power {
	return slices.DeleteFunc(nodejs.Powers(), func(p Power) bool { return slices.Contains(notSwitched, p) })
}

// AllowNames returns the values of --allow: those of Powers, and the switchable powers.
func AllowNames() []string {
	names := slices.Clone(Powers)
	for _, p := range Switchable() {
		if !slices.Contains(names, string(p)) {
			names = append(names, string(p))
		}
	}
	return names
}

// Off returns the powers that are switched off: all that no package uses and that allow does
// not name. used is nil if that is not known. Then none is switched off.
func Off(used map[Power]bool, allow []string, p *Program) []Power {
	has := func(name string) bool { return slices.Contains(allow, name) }
	if used == nil || runsText(p.Flags) || runsText(p.Options) {
		return nil
	}
	needed := map[Power]bool{nodejs.ModuleHooks: has("transform"), nodejs.VM: has("eval")}
	if hasFlag(p.Flags, "--test", "--bench") || hasFlag(p.Options, "--test") {
		needed[nodejs.ChildProcess], needed[nodejs.Test] = true, true // node runs each file in a process
	}
	return slices.DeleteFunc(Switchable(), func(p Power) bool { return used[p] || needed[p] || has(string(p)) })
}

// runsText reports whether flags have code for node to run, which is in no map.
func runsText(flags []nodeflags.Flag) bool {
	return slices.ContainsFunc(flags, func(f nodeflags.Flag) bool { return f.Kind == nodeflags.Eval && f.Name != "--input-type" })
}

func hasFlag(flags []nodeflags.Flag, names ...string) bool {
	return slices.ContainsFunc(flags, func(f nodeflags.Flag) bool { return slices.Contains(names, f.Name) })
}

// modulesOf returns the modules of Node that give powers, by name.
func modulesOf(powers []Power) map[string]Power {
	modules := nodejs.ModulePowers()
	for name, p := range modules {
		if !slices.Contains(powers, p) {
			delete(modules, name)
		}
	}
	return modules
}

// noEval is the flag with which V8 compiles no code from strings. V8 then rejects the compiled
// form of Node's modules that is part of node, since that was made without the flag, and
// compiles each again: 21 ms for http and https. So the preload replaces what compiles
// strings, and the flag is for --frozen-intrinsics, under which nothing can be replaced.
const noEval = "--disallow-code-generation-from-strings"
