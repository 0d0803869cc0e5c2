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

	// bootstrapStart begins the flag that loads the preload.
	bootstrapStart = "--import=data:text/javascript,"

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
	text := replacer.Replace(withoutComments(cmp.Or(bootstrap, preload.Bootstrap)))
	return bootstrapStart + percent(text), nil
}

// withoutComments removes indentation and the lines that are comments.
func withoutComments(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(text) {
		if code := strings.TrimLeft(line, " "); !strings.HasPrefix(code, "//") {
			b.WriteString(code)
		}
	}
	return b.String()
}

// percent encodes the characters that a data: URL or NODE_OPTIONS would not keep:
// all that are not printable ASCII; white space; "%"; "#" and "?", which end what
// node reads; and quotes and the backslash (NODE_OPTIONS).
func percent(text string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, 2*len(text))
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("%#?\"'\\`", c) >= 0 {
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
