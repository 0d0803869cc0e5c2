package launch

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/preload"
	"github.com/nodeint/nodeint/integrity/preload/sha256wasm"
	"github.com/nodeint/nodeint/integrity/problem"
)

const (
	nodeOptions = "NODE_OPTIONS"

	// fragmentRunner is the ES module that runs the bootstrap, which is in the fragment of the URL.
	// Node matches what is before the fragment against regular expressions, and V8 makes
	// machine code of these for a text of over 800 characters: in Node 24 that takes 2 ms in
	// every process and thread.
	fragmentRunner = `const u=import.meta.url;new(process.getBuiltinModule('vm').Script)(decodeURIComponent(u.slice(u.indexOf('#')+1)),{filename:'nodeint:bootstrap'}).runInThisContext()(u)`

	// maxOptions is the maximum length of NODE_OPTIONS: Linux refuses to start a
	// program with a string of 128 KiB in its environment (MAX_ARG_STRLEN).
	maxOptions = 127 << 10
)

// bootstrapFlag returns the flag that loads the preload: the bootstrap with the paths and
// the size of the image, and the size and digest of its head, as a data: URL. bootstrap is
// "" for preload.Bootstrap.
func bootstrapFlag(bootstrap string, image []byte, head int, paths []string) (string, error) {
	list, err := json.Marshal(paths)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(image[:head])
	// The placeholders are replaced in one pass: a path may contain them.
	replacer := strings.NewReplacer("$DIGEST", hex.EncodeToString(digest[:]), "$HEAD", strconv.Itoa(head), "$SIZE", strconv.Itoa(len(image)),
		"$PATHS", string(list), "$SHA256", sha256wasm.Expression())
	return bootstrapStart() + percent(replacer.Replace(cmp.Or(bootstrap, preload.Bootstrap))), nil
}

// bootstrapStart begins the flag that loads the preload.
func bootstrapStart() string { return "--import=data:text/javascript," + percent(fragmentRunner) + "#" }

// percent encodes the characters that a data: URL, its fragment or NODE_OPTIONS would not
// keep: all that are not printable ASCII; white space; "%", "#" and "?"; "<" and ">"; and
// quotes and the backslash.
func percent(text string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, 2*len(text))
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("%#?<>\"'\\`", c) >= 0 {
			b = append(b, '%', digits[c>>4], digits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// ownEnv are the variables that nodeint sets for node and all its children.
var ownEnv = map[string]string{"NODE_DISABLE_COMPILE_CACHE": "1"}

// removed returns the names of the variables that node and its children do not get.
func removed() []string {
	var names []string
	for _, v := range nodeflags.Variables() {
		if v.Scope == nodeflags.Removed {
			names = append(names, v.Name)
		}
	}
	return names
}

// childEnv returns the environment for node. env is nil for the process's own.
func childEnv(env []string, words []string) ([]string, error) {
	text := nodeflags.Quote(words)
	if len(text) > maxOptions {
		return nil, problem.BadUsage("use fewer or shorter flags in NODE_OPTIONS", "NODE_OPTIONS would have %d bytes, and the system accepts %d", len(text), maxOptions)
	}
	if env == nil {
		env = os.Environ()
	}
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		_, own := ownEnv[name]
		return own || name == nodeOptions || nodeflags.IsRemoved(name)
	})
	env = dropShimPaths(env)
	for name, value := range ownEnv {
		env = append(env, name+"="+value)
	}
	return append(env, nodeOptions+"="+text), nil
}
