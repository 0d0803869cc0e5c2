package launch

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path"
	"slices"

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

// A Record is one digest that a file may have.
type Record struct {
	Path   string // relative to the root
	Digest hasher.Digest
}

// Records gives the records of one file.
func Records(file string, md hasher.Metadata) ([]Record, error) {
	strongest := hasher.Algorithm(0)
	for _, d := range md.Digests() {
		if d.Algorithm() != hasher.BLAKE3 {
			strongest = max(strongest, d.Algorithm())
		}
	}
	if strongest == 0 {
		return nil, &Error{Code: "map-metadata", Path: file, Hint: "write the map with sha256 as well: nodeint generate --algorithm sha256,blake3",
			Err: fmt.Errorf("%s is pinned by blake3 alone, which node cannot compute while it runs", file)}
	}
	var records []Record
	for _, d := range md.Digests() {
		if d.Algorithm() == strongest {
			records = append(records, Record{file, d})
		}
	}
	return records, nil
}

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
	Packages map[string]string // "name@version" by folder
	Records  []Record
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
	hook, err := im.hook()
	if err != nil {
		return nil, err
	}
	size := sha256.Size
	for _, r := range im.Records {
		size = max(size, r.Digest.Algorithm().Size())
	}
	texts := headerSize + len(hook) + len(config) + len(packages)
	b := make([]byte, 0, texts+8+len(im.Records)*(recordSize+size))
	b = append(b, magic...)
	for _, n := range []int{len(hook), len(config), len(packages), len(im.Records), size, 0} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(append(append(b, hook...), config...), packages...)
	b = append(b, make([]byte, -len(b)&7)...)
	return im.appendRecords(b, size), nil
}

// appendRecords sorts the records in place, so that each is made once.
func (im Image) appendRecords(b []byte, size int) []byte {
	start := len(b)
	for _, r := range im.Records {
		key := sha256.Sum256([]byte(r.Path))
		b = append(b, key[:keySize]...)
		b = append(b, byte(r.Digest.Algorithm()), 0, 0, 0, 0, 0, 0, 0)
		sum := r.Digest.Bytes()
		b = append(append(b, sum...), make([]byte, size-len(sum))...)
	}
	records := slices.Collect(slices.Chunk(b[start:], recordSize+size))
	slices.SortFunc(records, bytes.Compare)
	sorted := slices.Concat(records...)
	return append(b[:start], sorted...)
}

//go:embed hook
var hookFiles embed.FS

// hookParts are the files of the hook, which make one function of the image and
// of the URL of the bootstrap; each stands on those before it.
var hookParts = []string{"captured", "image", "stop", "modules", "native", "children", "record", "start"}

func (im Image) hook() ([]byte, error) {
	if im.Hook != "" {
		return []byte(im.Hook), nil
	}
	source := []byte("(function (image, bootstrap) { 'use strict';\n")
	for _, name := range hookParts {
		text, err := hookFiles.ReadFile("hook/" + name + ".cjs")
		if err != nil {
			return nil, failed("", "", "this nodeint was built without its hook: %w", err)
		}
		source = append(source, text...)
	}
	return append(source, "\n})\n"...), nil
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
