package nodeflags

import "encoding/json"

// Allow is the set of powers that --allow gives: what the program may do although no
// map pins it.
type Allow struct {
	Eval      bool // run code from a string: -e, -p, workers with eval, data: URLs
	Transform bool // change the text of modules
	Wasm      bool // run WebAssembly from bytes that are in no pinned file
	Inspector bool // open the inspector
}

// Powers are the names of the powers.
var Powers = []string{"eval", "transform", "wasm", "inspector"}

// Set allows a power by its name, and reports whether there is one of that name.
func (a *Allow) Set(power string) bool {
	switch power {
	case "eval":
		a.Eval = true
	case "transform":
		a.Transform = true
	case "wasm":
		a.Wasm = true
	case "inspector":
		a.Inspector = true
	default:
		return false
	}
	return true
}

// Names returns the names of the powers that are allowed.
func (a Allow) Names() []string {
	names := []string{}
	for i, on := range []bool{a.Eval, a.Transform, a.Wasm, a.Inspector} {
		if on {
			names = append(names, Powers[i])
		}
	}
	return names
}

// MarshalJSON returns the names.
func (a Allow) MarshalJSON() ([]byte, error) { return json.Marshal(a.Names()) }
