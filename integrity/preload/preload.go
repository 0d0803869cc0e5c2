// Package preload holds what runs inside Node: the script that checks modules when
// Node loads them, and the bootstrap that starts the script.
//
// The script is written as CommonJS modules in the directory src. Package bundle
// makes one script of them, bundle.js, and makes the bootstrap short; both results are
// committed. After a change of a module or of bootstrap.cjs, make them again:
//
//	go generate ./integrity/preload
//
// docs/preload.md lists what the script patches, and what it uses of Node that is
// not documented.
package preload

import _ "embed" // for the scripts

//go:generate go run generate.go

// Script is an expression whose value is a function of the image, a Buffer, of the URL of
// the bootstrap, and of the exports of the module of package sha256wasm or undefined.
// Package launch specifies the image.
//
//go:embed bundle.js
var Script string

// Bootstrap is bootstrap.cjs, made short: an expression whose value is a function of the URL of
// the bootstrap. It finds the image, checks its digest and runs the script in it. $PATHS in it stands for a JSON array of the paths at which the
// image may be, $SIZE for the size of the image, $HEAD and $DIGEST for the size of its head
// and the SHA-256 of that in hexadecimal, and $SHA256 for the module of package sha256wasm
// in Base64, as an expression.
//
//go:embed bootstrap.min.js
var Bootstrap string

// ScriptName is the name of the script in stack traces.
const ScriptName = "nodeint:preload"
