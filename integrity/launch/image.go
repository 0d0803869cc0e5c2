package launch

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed" // for the files of the hook
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
)

// A Config is what the hook is told, as JSON in the image.
type Config struct {
	Mode        string `json:"mode"` // Enforce or Trace
	Root        string `json:"root"` // absolute, without links
	Map         string `json:"map"`  // for messages
	OnViolation string `json:"onViolation"`
	JSON        bool   `json:"json"`   // messages as JSON
	Report      string `json:"report"` // absolute path of a file to append to, or ""
	Record      string `json:"record"` // the same, where Mode is Trace
	Allow       Allow  `json:"allow"`

	// Steering says that the map holds the package.json files that resolution
	// reads. Maps that other tools wrote do not.
	Steering bool `json:"steering"`

	// Plug is the absolute path of the .pnp.cjs of Yarn's Plug'n'Play, "" where
	// that is not in use. The hook loads it before the program.
	Plug string `json:"plug"`

	// Run fills in what follows.
	Flags       Table             `json:"flags"`
	NodeOptions []string          `json:"nodeOptions"` // nodeint's own words for children, besides the --import
	Permission  []string          `json:"permission"`  // and where their flags have --permission, these as well
	Env         map[string]string `json:"env"`         // for children as well
	Verdict     int               `json:"verdict"`     // file descriptor, or -1
}

// The modes of the hook.
const (
	Enforce = "enforce"
	Trace   = "trace"
)

// What the hook does about a violation.
const (
	OnExit  = "exit"
	OnThrow = "throw"
	OnLog   = "log"
)

// Sees reports whether the hook hashes a pinned file itself when it is loaded.
// It does not see package.json files, which Node reads by itself, nor addons,
// and what is read as data.
func Sees(file string) bool {
	switch path.Ext(file) {
	case ".js", ".cjs", ".mjs", ".json", ".wasm", ".ts", ".cts", ".mts":
		return path.Base(file) != "package.json"
	}
	return false
}

// An Image is all that the hook works with.
type Image struct {
	Hook     string // "" for the one that nodeint holds
	Config   Config
	Packages map[string]string                  // "name@version" by folder
	Files    iter.Seq2[string, hasher.Metadata] // what is pinned, by path relative to the root; nil for nothing
	Count    int                                // how many Files are, about
}

const (
	magic      = "nodeint1"
	headerSize = len(magic) + 6*4
	keySize    = 16
	recordSize = keySize + 8 // and a digest
)

// Bytes gives the image as it lies in memory.
func (im Image) Bytes() ([]byte, error) {
	config, err := marshal(im.Config)
	if err != nil {
		return nil, err
	}
	packages := []byte("{}")
	if len(im.Packages) > 0 {
		if packages, err = marshal(im.Packages); err != nil {
			return nil, err
		}
	}
	records, err := im.records()
	if err != nil {
		return nil, err
	}
	size := sha256.Size
	for _, r := range records {
		size = max(size, r.digest.Algorithm().Size())
	}
	parts, room := im.hookParts(), 0
	for _, part := range parts {
		room += len(part)
	}
	b := make([]byte, headerSize, headerSize+room+len(config)+len(packages)+8+len(records)*(recordSize+size))
	b = appendHook(b, parts)
	header := append(b[:0:headerSize], magic...)
	for _, n := range []int{len(b) - headerSize, len(config), len(packages), len(records), size, 0} {
		header = binary.LittleEndian.AppendUint32(header, uint32(n))
	}
	b = append(append(b, config...), packages...)
	b = append(b, make([]byte, -len(b)&7)...)
	for _, r := range records {
		b = append(b, r.key[:]...)
		b = append(b, byte(r.digest.Algorithm()), 0, 0, 0, 0, 0, 0, 0)
		b = r.digest.AppendBytes(b)
		b = append(b, padding[:size-r.digest.Algorithm().Size()]...)
	}
	return b, nil
}

var padding [sha512.Size]byte

// A record is one digest that a file may have.
type record struct {
	key    [keySize]byte
	digest *hasher.Digest
}

// records gives the records in their order.
func (im Image) records() ([]record, error) {
	if im.Files == nil {
		return nil, nil
	}
	records := make([]record, 0, im.Count)
	var path []byte
	for file, md := range im.Files {
		digests := md.Strongest()
		if len(digests) == 0 {
			return nil, &Error{Code: "map-metadata", Path: file, Hint: "write the map with sha256 as well: nodeint generate --algorithm sha256,blake3",
				Err: fmt.Errorf("%s is pinned by blake3 alone, which node cannot compute while it runs", file)}
		}
		path = append(path[:0], file...)
		key := sha256.Sum256(path)
		for i := range digests {
			records = append(records, record{[keySize]byte(key[:keySize]), &digests[i]})
		}
	}
	slices.SortFunc(records, func(a, b record) int {
		if x, y := binary.BigEndian.Uint64(a.key[:]), binary.BigEndian.Uint64(b.key[:]); x != y {
			return cmp.Compare(x, y)
		}
		return cmp.Or(bytes.Compare(a.key[:], b.key[:]), bytes.Compare(a.digest.Bytes(), b.digest.Bytes()))
	})
	return records, nil
}

// The files of the hook, which make one function of the image and of the URL of the
// bootstrap.
var (
	//go:embed hook/captured.cjs
	hookCaptured string
	//go:embed hook/image.cjs
	hookImage string
	//go:embed hook/plug.cjs
	hookPlug string
	//go:embed hook/stop.cjs
	hookStop string
	//go:embed hook/modules.cjs
	hookModules string
	//go:embed hook/native.cjs
	hookNative string
	//go:embed hook/children.cjs
	hookChildren string
	//go:embed hook/record.cjs
	hookRecord string
	//go:embed hook/start.cjs
	hookStart string
)

// hookParts gives the files in their order: each stands on those before it.
func (im Image) hookParts() []string {
	if im.Hook != "" {
		return []string{im.Hook}
	}
	plug := hookPlug
	if im.Config.Plug == "" {
		plug = "const plugged = false;\n"
	}
	return []string{
		"(function (image, bootstrap) { 'use strict';\n",
		hookCaptured, hookImage, plug, hookStop, hookModules, hookNative, hookChildren, hookRecord, hookStart,
		"})\n",
	}
}

// appendHook adds the hook without the lines that are comments and without its
// indentation: a third of it, which every process and thread would read again. No
// literal goes on over a line, and no character needs two bytes of V8's memory
// (TestHookText).
func appendHook(b []byte, parts []string) []byte {
	for _, part := range parts {
		for line := range strings.Lines(part) {
			if code := strings.TrimLeft(line, " "); !strings.HasPrefix(code, "//") {
				b = append(b, code...)
			}
		}
	}
	return b
}

// marshal is json.Marshal without the escapes for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
