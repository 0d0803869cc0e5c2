package launch

import (
	"crypto/sha256"
	_ "embed" // for the bootstrap
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

const (
	nodeOptions = "NODE_OPTIONS"

	// maxOptions is how long NODE_OPTIONS may be: Linux refuses to start a
	// program with a string of 128 KiB in its environment (MAX_ARG_STRLEN).
	maxOptions = 127 << 10
)

//go:embed hook/bootstrap.mjs
var hookBootstrap string

// bootstrapWord makes the flag that loads the hook: the bootstrap, told where
// the image is and what its digest is, as a data: URL.
func bootstrapWord(bootstrap string, image []byte, paths []string) (string, error) {
	if bootstrap == "" {
		bootstrap = string(appendHook(nil, []string{hookBootstrap}))
	}
	list, err := json.Marshal(paths)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(image)
	// Both placeholders are replaced in one pass: a path may hold either.
	text := strings.NewReplacer("$DIGEST", hex.EncodeToString(digest[:]), "$PATHS", string(list)).Replace(bootstrap)
	return "--import=data:text/javascript," + percent(text), nil
}

// percent encodes what a data: URL or NODE_OPTIONS would not keep as it is: all
// that is not printable ASCII, white space, "%", "#" and "?" (which end what node reads), and quotes
// and the backslash (NODE_OPTIONS).
func percent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("%#?\"'\\`", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// ownEnv are the variables that nodeint sets for node and all below it.
var ownEnv = map[string]string{"NODE_DISABLE_COMPILE_CACHE": "1"}

// childEnv gives the environment for node.
func childEnv(env []string, words []string) ([]string, error) {
	text := Quote(words)
	if len(text) > maxOptions {
		return nil, usage("make the flags in NODE_OPTIONS fewer or shorter", "NODE_OPTIONS would have %d bytes, and the system takes %d", len(text), maxOptions)
	}
	if env == nil {
		env = os.Environ()
	}
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		_, own := ownEnv[name]
		return own || name == nodeOptions || name == "NODE_COMPILE_CACHE"
	})
	for name, value := range ownEnv {
		env = append(env, name+"="+value)
	}
	return append(env, nodeOptions+"="+text), nil
}
