package launch

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"iter"
	"math/bits"
	"path"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/preload"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Config is the preload's configuration, as JSON in the image.
type Config struct {
	Mode        string `json:"mode"` // Enforce or Trace
	Root        string `json:"root"` // absolute, without links
	Map         string `json:"map"`  // for messages
	OnViolation string `json:"onViolation"`
	JSON        bool   `json:"json"`   // messages as JSON
	Report      string `json:"report"` // absolute path of a file to append to, or ""
	Record      string `json:"record"` // the same, if Mode is Trace
	Allow       Allow  `json:"allow"`

	// Off are the powers that are switched off; under Trace, those that are recorded.
	Off []Power `json:"off"`

	// Trust are directories outside the root: absolute, without links. Files in them
	// are loaded without a check.
	Trust []string `json:"trust"`

	// CheckManifests says that the map pins the package.json files that resolution
	// reads. Maps that other tools wrote do not.
	CheckManifests bool `json:"checkManifests"`

	// Conditions are those with which the map was generated; nil if it does not say.
	// Children must not have others.
	Conditions []string `json:"conditions"`

	// PackageMap is the absolute path of the package map that children may have, or "".
	PackageMap string `json:"packageMap"`

	// NodePackages is Node's package map that the map is, as JSON with absolute URLs, or ""
	// if it is none. Run drops it for a node without package maps.
	NodePackages string `json:"nodePackages"`

	// Pnp is the absolute path of the .pnp.cjs of Yarn's Plug'n'Play, or "" if the
	// project does not use it. The preload loads it before the program.
	Pnp string `json:"pnp"`

	// Run sets the following members.
	OffModules  map[string]Power    `json:"offModules"`  // modules of Node that give a power of Off
	Flags       string              `json:"flags"`       // nodeflags.Table as text
	NodeOptions []string            `json:"nodeOptions"` // nodeint's own words for children, without the --import
	Permission  []string            `json:"permission"`  // further words for children whose flags have --permission
	Env         map[string]string   `json:"env"`         // for children as well
	Variables   []nodeflags.Fixed   `json:"variables"`   // that children must not have with other values
	Removed     []string            `json:"removed"`     // variables that children must not have
	Reporters   map[string][]string `json:"reporters"`   // of tests that children may have, by flag
	Verdict     int                 `json:"verdict"`     // file descriptor, or -1
	Tally       string              `json:"tally"`       // path of the same file, or ""
	Image       int                 `json:"image"`       // file descriptor of the image, or -1
	Paths       []string            `json:"paths"`       // of the image
}

// Values of Config.Mode.
const (
	Enforce = "enforce"
	Trace   = "trace"
)

// Values of Config.OnViolation.
const (
	OnExit  = "exit"
	OnThrow = "throw"
	OnLog   = "log"
)

// ChecksOnLoad reports whether the preload hashes a pinned file when Node loads it.
// It does not hash package.json files, which Node reads by itself, addons, or files
// that are read as data.
func ChecksOnLoad(file string) bool {
	switch path.Ext(file) {
	case ".js", ".cjs", ".mjs", ".json", ".wasm", ".ts", ".cts", ".mts":
		return path.Base(file) != "package.json"
	}
	return false
}

// An Image is all that the preload works with.
type Image struct {
	Script   string // "" for preload.Script
	Config   Config
	Packages map[string]string                  // "name@version" by directory
	Files    iter.Seq2[string, hasher.Metadata] // pinned files, by path relative to the root; nil for none
	Count    int                                // approximate number of Files
	Names    []byte                             // what names mean: the table of package nametable, or nil
}

const (
	magic      = "nodeint2"
	headerSize = len(magic) + 6*4
	keySize    = 16
	recordSize = keySize + 8 // without the digest
	blockSize  = 16 << 10
)

// Bytes returns the image in the form that the package comment specifies, and the size of
// its head. It returns an error for a file without a SHA-2 digest.
func (im Image) Bytes() (image []byte, head int, err error) {
	config, err := jsontext.Marshal(im.Config)
	if err != nil {
		return nil, 0, err
	}
	packages := []byte("{}")
	if len(im.Packages) > 0 {
		if packages, err = jsontext.Marshal(im.Packages); err != nil {
			return nil, 0, err
		}
	}
	records, err := im.records()
	if err != nil {
		return nil, 0, err
	}
	size := sha256.Size
	for _, r := range records {
		size = max(size, r.digest.Algorithm().Size())
	}
	script := cmp.Or(im.Script, preload.Script)
	body := len(records)*(recordSize+size) + len(im.Names) + len(packages)
	digests := headerSize + len(script) + len(config)
	digests += -digests & 7
	head = digests + (body+blockSize-1)/blockSize*sha256.Size

	b := make([]byte, 0, head+body)
	b = append(b, magic...)
	for _, n := range []int{len(script), len(config), len(records), size, len(im.Names), len(packages)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(append(b, script...), config...)
	b = b[:head] // with zeros for the digests of the blocks
	for _, r := range records {
		b = append(b, r.key[:]...)
		b = append(b, byte(r.digest.Algorithm()), 0, 0, 0, 0, 0, 0, 0)
		b = r.digest.AppendBytes(b)
		b = append(b, padding[:size-r.digest.Algorithm().Size()]...)
	}
	b = append(append(b, im.Names...), packages...)
	for block := range slices.Chunk(b[head:], blockSize) {
		sum := sha256.Sum256(block)
		digests += copy(b[digests:], sum[:])
	}
	return b, head, nil
}

var padding [sha512.Size]byte

// sorted returns records by their keys, and those of one key by their digests. Keys begin
// digests and so are evenly spread: once their first bits have parted them, few are left
// that have to be compared.
func sorted(records []record) []record {
	const most = 16
	width := min(bits.Len(uint(len(records))), most)
	part := func(r *record) int { return int(binary.BigEndian.Uint16(r.key[:])) >> (most - width) }
	ends := make([]int, 1<<width) // of the parts; first, where they begin
	for i := range records {
		ends[part(&records[i])]++
	}
	begin := 0
	for p, n := range ends {
		ends[p] = begin
		begin += n
	}
	parted := make([]record, len(records))
	for i := range records {
		end := &ends[part(&records[i])]
		parted[*end] = records[i]
		*end++
	}
	begin = 0
	for _, end := range ends {
		slices.SortFunc(parted[begin:end], func(a, b record) int {
			return cmp.Or(bytes.Compare(a.key[:], b.key[:]), bytes.Compare(a.digest.Bytes(), b.digest.Bytes()))
		})
		begin = end
	}
	return parted
}

// A record is one digest that a file may have.
type record struct {
	key    [keySize]byte
	digest *hasher.Digest
}

// records returns the records in their order.
func (im Image) records() ([]record, error) {
	if im.Files == nil {
		return nil, nil
	}
	records := make([]record, 0, im.Count)
	var path []byte
	for file, md := range im.Files {
		digests := md.Strongest()
		if len(digests) == 0 {
			return nil, problem.NotTrusted(problem.MapMetadata, file, "write the map with sha256 as well: nodeint generate --algorithm sha256,blake3",
				"%s is pinned by blake3 only, which node cannot compute while it runs", file)
		}
		path = append(path[:0], file...)
		key := sha256.Sum256(path)
		for i := range digests {
			records = append(records, record{[keySize]byte(key[:keySize]), &digests[i]})
		}
	}
	return sorted(records), nil
}
