package tarball

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/hasher"
)

var zips = []struct {
	name    string
	entries []entry
	want    string
}{
	{"plain", []entry{
		{name: "node_modules/"}, {name: "node_modules/ms/"}, {name: "node_modules/ms/package.json", body: "{}", kind: 's'},
		{name: "node_modules/ms/bin/x", body: strings.Repeat("#!x", 99), mode: 0o755},
	}, "x 297 bin/x\n- 2 package.json\n"},
	{"scope", []entry{{name: "node_modules/@babel/core/a.js"}}, "- 0 a.js\n"},
	{"elsewhere", []entry{{name: "node_modules/ms/a.js"}, {name: "node_modules/other/a.js"}, {name: "a.js"}}, "- 0 a.js\n" +
		"path-elsewhere \"node_modules/other/a.js\": not below \"node_modules/ms/\"\npath-elsewhere \"a.js\": not below \"node_modules/ms/\"\n"},
	{"parent", []entry{{name: "node_modules/ms/../a.js"}}, "path-parent \"node_modules/ms/../a.js\": contains the element \"..\"\n"},
	{"absolute", []entry{{name: "/node_modules/ms/a.js"}}, "path-absolute \"/node_modules/ms/a.js\": an absolute path\n"},
	{"NUL", []entry{{name: "node_modules/ms/a\x00.js"}}, "path-bytes \"node_modules/ms/a\\x00.js\": a NUL in a path, which no system opens\n"},
	{"link", []entry{{name: "node_modules/ms/a.js", body: "/etc/passwd", mode: modeLink | 0o777}}, "symlink \"node_modules/ms/a.js\": a symbolic link\n"},
	{"device", []entry{{name: "node_modules/ms/a.js", mode: 0o020644}}, "special \"node_modules/ms/a.js\": neither a file nor a link\n"},
	{"duplicate", []entry{{name: "node_modules/ms/a.js", body: "1"}, {name: "node_modules/ms/a.js", body: "two"}}, "- 3 a.js\nduplicate \"a.js\": two entries have this path and different bytes: the last one counts\n"},
	{"nothing", nil, ""},
}

func TestReadZip(t *testing.T) {
	for _, tt := range zips {
		t.Run(tt.name, func(t *testing.T) {
			b := makeZip(t, tt.entries...)
			l, err := readZip(t, b, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, text(l)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if l.Size != int64(len(b)) || l.Digests[0] != sum512(b) {
				t.Errorf("the archive has %d bytes and is %v", l.Size, l.Digests)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	body := strings.Repeat("hello, ", 1000)
	b := makeZip(t, entry{name: "node_modules/ms/a.js", body: body}, entry{name: "node_modules/ms/b.js", body: "stored", kind: 's'}, entry{name: "node_modules/ms/empty"})
	l, err := readZip(t, b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a.js": body, "b.js": "stored", "empty": ""} {
		if got, err := l.File(path).Open(bytes.NewReader(b)); err != nil || string(got) != want {
			t.Errorf("%s: %.20q, %v", path, got, err)
		}
	}
	evil := bytes.Replace(b, []byte("stored"), []byte("evil!!"), 1)
	for _, other := range [][]byte{evil, b[:40], nil} {
		if got, err := l.File("b.js").Open(bytes.NewReader(other)); err == nil {
			t.Errorf("a zip that has changed gives %q", got)
		}
	}
}

func TestZipOfOtherPackage(t *testing.T) {
	b := makeZip(t, entry{name: "node_modules/ms/a.js"})
	l, err := ReadZip(context.Background(), "x.zip", bytes.NewReader(b), int64(len(b)), Options{Want: metadata(t, b), Algorithms: hasher.SetOf(hasher.SHA256), Package: "other"})
	if err != nil || len(l.Files) != 0 || l.Irregular[0].Code != PathElsewhere {
		t.Errorf("%v, %v", l, err)
	}
}

// refusedZips are zips that are refused, each for one thing.
func refusedZips(t testing.TB) []refused {
	good := rawZip(t, "node_modules/ms/a.js", "hello, hello, hello")
	dir := bytes.Index(good, []byte("PK\x01\x02"))
	end := bytes.LastIndex(good, []byte("PK\x05\x06"))
	local := func(at int, with ...byte) []byte { return patch(good, at, with...) }
	header := func(at int, with ...byte) []byte { return patch(good, dir+at, with...) }
	both := func(inLocal, inHeader int, with ...byte) []byte {
		return patch(patch(good, inLocal, with...), dir+inHeader, with...)
	}
	return []refused{
		{"short", []byte("PK"), Limits{}, BrokenZip, "read archive x.zip: 2 bytes are too short for a zip"},
		{"truncated", good[:len(good)-1], Limits{}, BrokenZip, "it does not end with an end record: it is truncated, or bytes follow"},
		{"something follows", append(bytes.Clone(good), 0), Limits{}, BrokenZip, "it does not end with an end record"},
		{"comment", append(patch(good, end+20, 1), 'x'), Limits{}, BrokenZip, "it does not end with an end record"},
		{"something before", append([]byte("x"), good...), Limits{}, BrokenZip, "its directory is not where its end record says"},
		{"in parts", patch(good, end+4, 1), Limits{}, BrokenZip, "its directory is not where its end record says"},
		{"64 bits", patch(good, end+16, 0xff, 0xff, 0xff, 0xff), Limits{}, BrokenZip, "its directory is not where its end record says"},
		{"more entries counted", patch(good, end+8, 2, 0, 2, 0), Limits{}, BrokenZip, "its directory has fewer entries than its end record says"},
		{"fewer entries counted", patch(good, end+8, 0, 0, 0, 0), Limits{}, BrokenZip, "its directory has more bytes than its entries"},
		{"name longer than the directory", header(28, 0xff, 0xff), Limits{}, BrokenZip, "its directory is truncated"},
		{"extra longer than the directory", header(30, 0xff, 0xff), Limits{}, BrokenZip, "its directory is truncated"},
		{"encrypted", both(6, 8, 1), Limits{}, BrokenZip, `entry "node_modules/ms/a.js": it is encrypted`},
		{"unknown flags", both(6, 8, 0x40), Limits{}, BrokenZip, "its flags 0x40 are not supported"},
		{"unknown method", both(8, 10, 12), Limits{}, BrokenZip, "it is compressed with method 12; only deflate is supported"},
		{"stored in other sizes", both(8, 10, 0), Limits{}, BrokenZip, "it is not compressed, but has"},
		{"no entry there", header(42, 1), Limits{}, BrokenZip, "there is no entry at its offset"},
		{"entry in the directory", header(42, 0xff, 0xff), Limits{}, BrokenZip, "its data overlaps with the directory"},
		{"two names", local(30, 'X'), Limits{}, BrokenZip, `its own header has the name "Xode_modules/ms/a.js"`},
		{"longer name there", local(26, 0xff, 0xff), Limits{}, BrokenZip, ""},
		{"other checksum there", local(14, 1), Limits{}, BrokenZip, "its header in the directory and its own header differ"},
		{"larger size", both(22, 24, 99), Limits{}, BrokenZip, "its data ends after 19 bytes instead of 99"},
		{"smaller size", both(22, 24, 5), Limits{}, BrokenZip, "it has more bytes than its header says: 5"},
		{"huge size", both(22, 24, 0, 0, 0, 0xf0), Limits{}, OverLimit, "it unpacks to more than 1 GiB"},
		{"smaller packed size", both(18, 20, 5), Limits{}, BrokenZip, "its data is truncated or corrupt"},
		{"wrong checksum", both(14, 16, 1, 2, 3, 4), Limits{}, BrokenZip, "its checksum is wrong"},
		{"wrong deflate", local(30+20, 0xff, 0xff), Limits{}, BrokenZip, "its data is truncated or corrupt"},
		{"overlap", overlapping(t), Limits{}, BrokenZip, "it overlaps with another entry"},
		{"too many bytes", makeZip(t, entry{name: "node_modules/x/a", body: strings.Repeat("0", 1<<20)}), Limits{Unpacked: 1 << 19}, OverLimit, "it unpacks to more than 512 KiB"},
		{"too many bytes in two", makeZip(t, entry{name: "node_modules/x/a", body: strings.Repeat("0", 300<<10)}, entry{name: "node_modules/x/b", body: strings.Repeat("0", 300<<10)}), Limits{Unpacked: 1 << 19}, OverLimit, "it unpacks to more than 512 KiB"},
		{"too many entries", makeZip(t, entry{name: "a"}, entry{name: "b"}), Limits{Entries: 1}, OverLimit, "it has more than 1 entries"},
		{"path too long", makeZip(t, entry{name: strings.Repeat("x", 1100)}), Limits{}, OverLimit, "the path has 1100 bytes; the limit is 1024"},
		{"too large", good, Limits{Archive: 100}, OverLimit, "it is larger than 100 bytes"},
	}
}

// rawZip has one deflated entry, with its sizes before its data, as yarn writes it.
func rawZip(t testing.TB, name, body string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	from := makeZip(t, entry{name: name, body: body})
	r, err := zip.NewReader(bytes.NewReader(from), int64(len(from)))
	if err != nil {
		t.Fatal(err)
	}
	h := r.File[0].FileHeader
	h.Flags, h.Extra = 0, nil
	data, err := r.File[0].OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.CreateRaw(&h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func patch(b []byte, at int, with ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[at:], with)
	return b
}

// overlapping has two entries in its directory that share their data, as bombs do.
func overlapping(t testing.TB) []byte {
	b := rawZip(t, "node_modules/ms/a.js", "hello, hello, hello")
	dir := bytes.Index(b, []byte("PK\x01\x02"))
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	out := append(bytes.Clone(b[:end]), b[dir:]...)
	end += end - dir
	binary.LittleEndian.PutUint16(out[end+8:], 2)
	binary.LittleEndian.PutUint16(out[end+10:], 2)
	binary.LittleEndian.PutUint32(out[end+12:], uint32(end-dir))
	return out
}

func TestRefusedZips(t *testing.T) {
	for _, tt := range refusedZips(t) {
		t.Run(tt.name, func(t *testing.T) {
			l, err := readZip(t, tt.data, tt.limits)
			checkRefused(t, l, err, tt)
			if tt.limits.Archive > 0 {
				return
			}
			other := metadata(t, []byte("other"))
			l, err = ReadZip(context.Background(), "x.zip", bytes.NewReader(tt.data), int64(len(tt.data)), Options{Want: other})
			checkRefused(t, l, err, refused{code: WrongDigest, err: "instead of"})
		})
	}
}

// A directory that is another when its turn comes is found, whatever the digest
// says: an attacker may have put the right one back.
func TestZipChanges(t *testing.T) {
	b := rawZip(t, "node_modules/ms/a.js", "hello, hello, hello")
	evil := patch(b, bytes.Index(b, []byte("PK\x01\x02"))+38+3, 0xff)
	r := &changing{first: evil, then: b, size: len(b)}
	l, err := ReadZip(context.Background(), "x.zip", r, int64(len(b)), Options{Want: metadata(t, b)})
	checkRefused(t, l, err, refused{code: BrokenZip, err: "it changed while it was read"})
}

// A changing file is another from the moment when its beginning is read.
type changing struct {
	first, then []byte
	size        int
	changed     bool
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	if off == 0 {
		c.changed = true
	}
	b := c.first
	if c.changed {
		b = c.then
	}
	return bytes.NewReader(b).ReadAt(p, off)
}

func TestZipBomb(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("node_modules/x/zeros")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 100 {
		if _, err := f.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	stop := watchHeap()
	l, err := readZip(t, b.Bytes(), Limits{})
	if grown := stop(); grown > 8<<20 {
		t.Errorf("it cost %d MiB of memory", grown>>20)
	}
	if err != nil || l.Files[0].Size != 100<<20 {
		t.Error(l, err)
	}
}

// FuzzReadZip also holds the reader against archive/zip: what is listed here, it
// reads as well, with the same bytes.
func FuzzReadZip(f *testing.F) {
	for _, tt := range zips {
		f.Add(makeZip(f, tt.entries...))
	}
	for _, tt := range refusedZips(f) {
		f.Add(tt.data)
	}
	limits := Limits{Archive: 1 << 20, Unpacked: 4 << 20, Entries: 1000}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := readZip(t, data, limits)
		checkListing(t, l, err)
		if err != nil {
			return
		}
		compareZip(t, l, data)
		for i := range l.Files {
			if _, err := l.Files[i].Open(bytes.NewReader(data)); err != nil {
				t.Errorf("what was listed cannot be read: %v", err)
			}
		}
	})
}

func compareZip(t *testing.T, l *Listing, data []byte) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("archive/zip refuses it: %v", err)
	}
	bodies := make(map[hasher.Digest]bool)
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatalf("archive/zip refuses %q: %v", f.Name, err)
		}
		body, err := io.ReadAll(rc)
		// archive/zip also compares the descriptor behind the data; yarn and this
		// reader go by the checksum in the directory, which the bytes have.
		if errors.Is(err, zip.ErrChecksum) && f.Flags&zipDescriptor != 0 && crc32.ChecksumIEEE(body) == f.CRC32 {
			err = nil
		}
		if err != nil && !strings.HasSuffix(f.Name, "/") {
			t.Fatalf("archive/zip refuses %q: %v", f.Name, err)
		}
		bodies[sum256(string(body))] = true
	}
	for _, f := range l.Files {
		if !bodies[f.Digests[0]] {
			t.Fatalf("archive/zip has no entry with the bytes of %q", f.Path)
		}
	}
}
