package launch

import "github.com/nodeint/nodeint/integrity/internal/nodeflags"

// Allow is the set of powers that --allow gives: what the program may do although no
// map pins it.
type Allow = nodeflags.Allow

// Powers are the names of the powers.
var Powers = nodeflags.Powers
