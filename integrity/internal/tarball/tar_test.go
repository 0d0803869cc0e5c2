package tarball

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/hasher"
)

// text formats a listing in lines: the files with their bits, then the irregular entries.
func text(l *Listing) string {
	var b strings.Builder
	for _, f := range l.Files {
		bits := "-"
		if f.Executable {
			bits = "x"
		}
		fmt.Fprintf(&b, "%s %d %s\n", bits, f.Size, f.Path)
	}
	for _, f := range l.Irregular {
		fmt.Fprintf(&b, "%s %s\n", f.Code, f)
	}
	return b.String()
}

var long = strings.Repeat("long/", 60) + "name.js"

// tars are valid archives and their listings.
var tars = []struct {
	name    string
	entries []entry
	want    string
}{
	{"plain", []entry{
		{name: "package/package.json", body: "{}"}, {name: "package/bin/x", body: "#!x", mode: 0o755}, {name: "package/lib/", kind: tar.TypeDir}, {name: "package/lib/a.js"},
	}, "x 3 bin/x\n- 0 lib/a.js\n- 2 package.json\n"},
	{"any first directory", []entry{{name: "x-1.0.0/a.js"}, {name: "./b/c.js"}, {name: "y/d.js"}}, "- 0 a.js\n- 0 b/c.js\n- 0 d.js\n"},
	{"empty and dot elements", []entry{{name: "package/./dist//a.js"}}, "- 0 dist/a.js\n"},
	{"last of duplicates", []entry{{name: "package/a.js", body: "1"}, {name: "package/a.js", body: "two"}}, "- 3 a.js\nduplicate \"a.js\": two entries have this path and different bytes: the last one counts\n"},
	{"equal duplicates", []entry{{name: "package/a.js", body: "1"}, {name: "other/a.js", body: "1"}}, "- 1 a.js\n"},
	{"long names, PAX", []entry{{name: "package/" + long, format: tar.FormatPAX}}, "- 0 " + long + "\n"},
	{"long names, GNU", []entry{{name: "package/" + long, format: tar.FormatGNU}}, "- 0 " + long + "\n"},
	{"name not ASCII", []entry{{name: "package/é.js"}}, "- 0 é.js\n"},
	{"global header of git archive", []entry{{name: "pax_global_header", kind: tar.TypeXGlobalHeader, pax: map[string]string{"comment": "1234"}}, {name: "p/a.js"}}, "- 0 a.js\n"},

	{"symbolic link", []entry{{name: "package/a", kind: tar.TypeSymlink, link: "/etc/passwd"}, {name: "package/b"}}, "- 0 b\nsymlink \"package/a\": a symbolic link to \"/etc/passwd\", which npm and pnpm skip\n"},
	{"hard link", []entry{{name: "package/a", kind: tar.TypeLink, link: "package/b"}}, "hard-link \"package/a\": a hard link to \"package/b\", which npm skips\n"},
	{"device", []entry{{name: "package/a", kind: tar.TypeChar}}, "special \"package/a\": an entry of type \"3\": a device, a FIFO, or a type that package managers read differently\n"},
	{"FIFO", []entry{{name: "package/a", kind: tar.TypeFifo}}, "special \"package/a\": an entry of type \"6\": a device, a FIFO, or a type that package managers read differently\n"},
	{"contiguous file", []entry{{name: "package/a", kind: tar.TypeCont}}, "special \"package/a\": an entry of type \"7\": a device, a FIFO, or a type that package managers read differently\n"},

	{"parent", []entry{{name: "package/../../a.js"}}, "path-parent \"package/../../a.js\": contains the element \"..\"\n"},
	{"parent first", []entry{{name: "../a.js"}}, "path-parent \"../a.js\": contains the element \"..\"\n"},
	{"parent inside", []entry{{name: "package/lib/../a.js"}}, "path-parent \"package/lib/../a.js\": contains the element \"..\"\n"},
	{"absolute", []entry{{name: "/package/a.js"}}, "path-absolute \"/package/a.js\": an absolute path\n"},
	{"absolute after the first", []entry{{name: "package//etc/a.js"}}, "- 0 etc/a.js\n"},
	{"drive", []entry{{name: "package/C:/a.js"}, {name: "package/c:a.js"}}, "path-drive \"package/C:/a.js\": a Windows drive\npath-drive \"package/c:a.js\": a Windows drive\n"},
	{"backslash", []entry{{name: `package/..\..\a.js`}}, "path-backslash \"package/..\\\\..\\\\a.js\": a backslash, which is a path separator on Windows\n"},
	{"no directory", []entry{{name: "a.js"}, {name: "package/."}}, "path-short \"a.js\": no name after the first element\npath-short \"package/.\": no name after the first element\n"},
	{"no UTF-8", []entry{{name: "package/\xff.js"}}, "path-bytes \"package/\\xff.js\": not UTF-8: package managers decode it differently\n"},

	{"case twins", []entry{{name: "package/A.js", body: "1"}, {name: "package/a.js", body: "2"}}, "- 1 A.js\n- 1 a.js\ncase-twin \"a.js\": it differs from \"A.js\" only in case: one replaces the other on a case-insensitive file system\n"},
	{"file, then directory", []entry{{name: "package/a"}, {name: "package/a!"}, {name: "package/a/b.js"}, {name: "package/a/c/d.js"}}, "- 0 a\n- 0 a!\n" +
		"file-inway \"a/b.js\": it conflicts with an earlier entry: one is the parent directory of the other\nfile-inway \"a/c/d.js\": it conflicts with an earlier entry: one is the parent directory of the other\n"},
	{"directory, then file", []entry{{name: "package/a/b.js"}, {name: "package/a"}}, "- 0 a/b.js\nfile-inway \"a\": it conflicts with an earlier entry: one is the parent directory of the other\n"},
	{"directory entry and file", []entry{{name: "package/a/", kind: tar.TypeDir}, {name: "package/a"}}, "- 0 a\n"},
}

func TestReadTar(t *testing.T) {
	for _, tt := range tars {
		t.Run(tt.name, func(t *testing.T) {
			plain := makeTar(t, tt.entries...)
			for _, b := range [][]byte{plain, gz(t, plain)} {
				l, err := readTar(t, b, Limits{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, text(l)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if l.Size != int64(len(b)) || len(l.Digests) != 1 || l.Digests[0] != sum512(b) {
					t.Errorf("the archive has %d bytes and is %v", l.Size, l.Digests)
				}
			}
		})
	}
}

func TestDigests(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 3*chunk/16+5)
	bin := "#!/usr/bin/env node\r\nx\r\n" + big
	b := gz(t, makeTar(t, entry{name: "p/big.js", body: big}, entry{name: "p/bin", body: bin}, entry{name: "p/empty"}, entry{name: "p/chunk", body: big[:chunk]}))
	set := hasher.SetOf(hasher.SHA256, hasher.BLAKE3)
	l, err := ReadTar(context.Background(), "x.tgz", iotest.OneByteReader(bytes.NewReader(b)), Options{Want: metadata(t, b), Algorithms: set})
	if err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{"big.js": big, "bin": bin, "empty": "", "chunk": big[:chunk]} {
		f := l.File(path)
		if f == nil || f.Size != int64(len(body)) || !cmp.Equal(f.Digests, hasher.Sum(set, []byte(body)), cmp.AllowUnexported(hasher.Digest{})) {
			t.Errorf("%s is %v", path, f)
		}
	}
	unix := strings.Replace(bin, "\r", "", 1)
	if got := l.File("bin").Unix; !cmp.Equal(got, hasher.Sum(set, []byte(unix)), cmp.AllowUnexported(hasher.Digest{})) {
		t.Errorf("without the carriage return it is %v", got)
	}
	if l.File("big.js").Unix != nil || l.File("none") != nil {
		t.Error("File or Unix is not nil")
	}
}

func TestShebangCR(t *testing.T) {
	for text, want := range map[string]int{
		"#!x\r\n": 3, "#!x\n": 0, "#!\r\n": 0, "#!\r\r\n": 3, "x\r\n": 0, "#!x\r": 0, "": 0,
		"#!" + strings.Repeat("x", 2044) + "\r\n": 2046, "#!" + strings.Repeat("x", 2045) + "\r\n": 0,
	} {
		if got := shebangCR([]byte(text)); got != want {
			t.Errorf("%.20q: the carriage return is at %d, not %d", text, got, want)
		}
	}
}

// refusedTars are archives that are rejected, each for one reason.
func refusedTars(t testing.TB) []refused {
	file := makeTar(t, entry{name: "package/a.js", body: strings.Repeat("x", 2000)})
	zipped := gz(t, file)
	two := makeTar(t, entry{name: "p/a.js"}, entry{name: "p/b.js"})
	zeros := gz(t, makeTar(t, entry{name: "p/zeros", body: strings.Repeat("\x00", 1<<20)}))
	many := append(bytes.Clone(zipped), bytes.Repeat(gz(t, nil), maxMembers)...)
	return []refused{
		{"empty", nil, Limits{}, BrokenTar, "read archive x.tgz: it is empty"},
		{"text", []byte("<html>not found</html>"), Limits{}, BrokenTar, "read archive x.tgz: it is truncated in an entry"},
		{"a block of text", bytes.Repeat([]byte("<html>"), 200), Limits{}, BrokenTar, "read archive x.tgz: the next header is invalid, or readers understand it differently"},
		{"zstd", []byte("\x28\xb5\x2f\xfd...."), Limits{}, BrokenTar, "it is compressed with zstd; only gzip is supported"},
		{"truncated tar", file[:1000], Limits{}, BrokenTar, `entry "package/a.js": it is truncated in an entry`},
		{"truncated gzip", zipped[:len(zipped)-9], Limits{}, BrokenGzip, "the gzip data is truncated"},
		{"truncated trailer", zipped[:len(zipped)-1], Limits{}, BrokenGzip, "the gzip data is truncated"},
		{"wrong gzip checksum", change(zipped, len(zipped)-8), Limits{}, BrokenGzip, "invalid checksum"},
		{"wrong deflate", change(zipped, 10), Limits{}, BrokenGzip, ""},
		{"second member broken", append(bytes.Clone(zipped), 0x1f, 0x8b, 9), Limits{}, BrokenGzip, "the gzip data is truncated"},
		{"many members", many, Limits{}, OverLimit, "it has more than 64 gzip members"},
		{"wrong tar checksum", change(two, 512), Limits{}, BrokenTar, "the next header is invalid"},
		{"bytes after one zero block", append(makeTar(t, entry{name: "p/a.js"})[:1024], file...), Limits{}, BrokenTar, "the next header is invalid"},
		{"negative size", patchTar(file, 0, 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0"), Limits{}, BrokenTar, "the next header is invalid"},
		{"size not octal", patchTar(file, 0, 124, "99999999999"), Limits{}, BrokenTar, "the next header is invalid"},
		{"larger size than there is", patchTar(file, 0, 124, "00000077777"), Limits{}, BrokenTar, "it is truncated in an entry"},
		{"exabytes", patchTar(file, 0, 124, "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff"), Limits{}, BrokenTar, "it is truncated in an entry"},
		{"file with a link's target", patchTar(file, 0, 157, "b.js"), Limits{}, BrokenTar, "a file with a link target: npm reads its bytes as headers"},
		{"file with the name of a directory", patchTar(file, 0, 0, "package/a.j/"), Limits{}, BrokenTar, "a file with the name of a directory: npm reads its bytes as headers"},
		{"link with a size", patchTar(patchTar(file, 0, 156, "1"), 0, 157, "b.js"), Limits{}, BrokenTar, "a link or device with a size"},
		{"global path", makeTar(t, entry{name: "g", kind: tar.TypeXGlobalHeader, pax: map[string]string{"path": "package/b.js"}}), Limits{}, BrokenTar, `a global header with the record "path"`},
		{"PAX path with NUL", nulPAX(t), Limits{}, BrokenTar, "the next header is invalid"},
		{"too many bytes", zeros, Limits{Unpacked: 1 << 19}, OverLimit, `entry "p/zeros": it unpacks to more than 512 KiB`},
		{"too many bytes behind the end", gz(t, append(makeTar(t), make([]byte, 1<<20)...)), Limits{Unpacked: 1 << 19}, OverLimit, "it unpacks to more than 512 KiB"},
		{"too large", zeros, Limits{Archive: 100}, OverLimit, "it is larger than 100 bytes"},
		{"too many entries", two, Limits{Entries: 1}, OverLimit, "it has more than 1 entries"},
		{"path too long", makeTar(t, entry{name: "p/" + strings.Repeat("x", 1100)}), Limits{}, OverLimit, "the path has 1102 bytes; the limit is 1024"},
		{"paths too long", two, Limits{Names: 8}, OverLimit, "its paths have more than 8 bytes"},
	}
}

type refused struct {
	name   string
	data   []byte
	limits Limits
	code   Code
	err    string // a part of it
}

func change(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0xff
	return b
}

// nulPAX has a record with a NUL in a path, which Go's writer refuses to write.
func nulPAX(t testing.TB) []byte {
	b := makeTar(t, entry{name: "p/é.js", pax: map[string]string{"path": "p/é.js"}})
	return bytes.Replace(b, []byte("path=p/é"), []byte("path=p/\x00\x00"), 1)
}

func TestRefusedTars(t *testing.T) {
	for _, tt := range refusedTars(t) {
		t.Run(tt.name, func(t *testing.T) {
			l, err := readTar(t, tt.data, tt.limits)
			checkRefused(t, l, err, tt)
		})
	}
}

func checkRefused(t *testing.T, l *Listing, err error, tt refused) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || l != nil {
		t.Fatalf("got %v, %v", l, err)
	}
	if e.Code != tt.code || !strings.Contains(err.Error(), tt.err) || strings.ToLower(e.Reason[:1]) != e.Reason[:1] {
		t.Errorf("got  %s %v\nwant %s %s", e.Code, err, tt.code, tt.err)
	}
}

// A wrong digest takes precedence over every other error.
func TestWrongDigest(t *testing.T) {
	other := metadata(t, []byte("other"))
	for _, tt := range refusedTars(t) {
		if tt.code == OverLimit && tt.limits.Archive > 0 {
			continue
		}
		_, err := ReadTar(context.Background(), "x.tgz", bytes.NewReader(tt.data), Options{Want: other})
		checkRefused(t, nil, err, refused{code: WrongDigest, err: "read archive x.tgz: it is " + sum512(tt.data).String() + " instead of " + other.String()})
	}
	_, err := ReadTar(context.Background(), "x.tgz", strings.NewReader(""), Options{})
	checkRefused(t, nil, err, refused{code: BadIntegrity, err: "the lockfile has no strong digest for it"})
}

func TestAfterEnd(t *testing.T) {
	plain := makeTar(t, entry{name: "p/a.js"})
	for name, b := range map[string][]byte{
		"after the gzip":     append(gz(t, plain), "more"...),
		"after the tar":      gz(t, append(bytes.Clone(plain), "more"...)),
		"in a second member": append(gz(t, plain), gz(t, []byte("more"))...),
	} {
		l, err := readTar(t, b, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Irregular) != 1 || l.Irregular[0].Code != AfterEnd || l.Irregular[0].Skipped() || len(l.Files) != 1 {
			t.Errorf("%s: %s", name, text(l))
		}
	}
	// A tar in two members is one tar; zeros behind it are padding.
	half := append(gz(t, plain[:700]), gz(t, append(bytes.Clone(plain[700:]), make([]byte, 9000)...))...)
	if l, err := readTar(t, half, Limits{}); err != nil || text(l) != "- 0 a.js\n" {
		t.Errorf("in two members: %v, %v", l, err)
	}
}

func TestSparse(t *testing.T) {
	pax := makeTar(t, entry{name: "p/a", body: "1\n0\n1\nx", format: tar.FormatPAX, pax: map[string]string{"comment": "GNU sparse xx"}})
	pax = bytes.Replace(pax, []byte("comment=GNU sparse xx"), []byte("GNU.sparse.size=12345"), 1)
	if l, err := readTar(t, pax, Limits{}); err != nil || len(l.Files) != 0 || l.Irregular[0].Code != Sparse {
		t.Errorf("PAX: %v, %v", l, err)
	}
	old := makeTar(t, entry{name: "p/a", body: strings.Repeat("x", 512), format: tar.FormatGNU})
	old = patchTar(old, 0, 156, "S")
	old = patchTar(old, 0, 386, "00000000000\x0000000001000\x00")
	old = patchTar(old, 0, 483, "77777777777\x00")
	if l, err := readTar(t, old, Limits{}); err != nil || len(l.Files) != 0 || l.Irregular[0].Code != Sparse {
		t.Errorf("old GNU: %v, %v", l, err)
	}
}

func TestManyIrregular(t *testing.T) {
	var entries []entry
	for range maxIrregular + 5 {
		entries = append(entries, entry{name: "p/../a"})
	}
	l, err := readTar(t, makeTar(t, entries...), Limits{})
	if err != nil || len(l.Irregular) != maxIrregular || l.Omitted != 5 {
		t.Errorf("%d findings and %d left, %v", len(l.Irregular), l.Omitted, err)
	}
}

func TestReaderFails(t *testing.T) {
	b := gz(t, makeTar(t, entry{name: "p/a.js", body: strings.Repeat("x", 100)}))
	broken := errors.New("the disk is on fire")
	_, err := ReadTar(context.Background(), "x.tgz", io.MultiReader(bytes.NewReader(b[:50]), iotest.ErrReader(broken)), Options{Want: metadata(t, b)})
	checkRefused(t, nil, err, refused{code: Unreadable, err: "the disk is on fire"})
	if !errors.Is(err, broken) {
		t.Error("the cause is lost")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = ReadTar(ctx, "x.tgz", bytes.NewReader(b), Options{Want: metadata(t, b)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// A gigabyte of zeros, and very many files, cost no memory that counts. The limit
// is lower than in earnest, for the sake of time.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: archives that unpack to a gigabyte and to 50,000 files")
	}
	bomb := gigabyte(t)
	stop := watchHeap()
	l, err := readTar(t, bomb, Limits{Unpacked: 64 << 20})
	checkRefused(t, l, err, refused{code: OverLimit, err: "it unpacks to more than 64 MiB"})
	if grown := stop(); grown > 2<<20 {
		t.Errorf("a gigabyte of zeros cost %d MiB of memory", grown>>20)
	}

	l, err = readTar(t, bomb, Limits{Archive: 64 << 10})
	checkRefused(t, l, err, refused{code: OverLimit, err: "it is larger than 64 KiB"})

	const files = 50_000
	var entries []entry
	for i := range files {
		entries = append(entries, entry{name: fmt.Sprintf("p/%d", i)})
	}
	many := gz(t, makeTar(t, entries...))
	entries = nil
	stop = watchHeap()
	if l, err = readTar(t, many, Limits{}); err != nil || len(l.Files) != files {
		t.Error(err)
	}
	l, err = readTar(t, many, Limits{Entries: 1000})
	checkRefused(t, l, err, refused{code: OverLimit, err: "it has more than 1000 entries"})
	if grown := stop(); grown > files*600 {
		t.Errorf("each of very many files cost %d bytes of memory", grown/files)
	}
}

// gigabyte is a tarball of a few megabytes: the same member of zeros again and
// again, behind the header of a file that is as large.
func gigabyte(t *testing.T) []byte {
	var head bytes.Buffer
	if err := tar.NewWriter(&head).WriteHeader(&tar.Header{Name: "p/zeros", Size: 1 << 30, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	zeros := gz(t, make([]byte, 1<<30/(maxMembers-1)+1))
	return append(gz(t, head.Bytes()), bytes.Repeat(zeros, maxMembers-1)...)
}

// watchHeap looks at the live heap again and again; what it gives back says by
// how much it grew at most.
func watchHeap() func() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(done); <-stopped; return most - before }
}

func FuzzReadTar(f *testing.F) {
	for _, tt := range tars {
		plain := makeTar(f, tt.entries...)
		f.Add(plain)
		f.Add(gz(f, plain))
	}
	for _, tt := range refusedTars(f) {
		f.Add(tt.data)
	}
	limits := Limits{Archive: 1 << 20, Unpacked: 4 << 20, Entries: 1000}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, b := range [][]byte{data, repaired(data)} {
			l, err := readTar(t, b, limits)
			checkListing(t, l, err)
		}
	})
}

// repaired sets the checksums of all that looks like a header right: the fuzzer
// would not find one.
func repaired(b []byte) []byte {
	for i := range len(b) / 512 {
		if string(b[512*i+257:512*i+262]) == "ustar" {
			b = patchTar(b, i, 0, "")
		}
	}
	return b
}

// checkListing holds what is true of each listing.
func checkListing(t *testing.T, l *Listing, err error) {
	t.Helper()
	var e *Error
	if err != nil {
		if !errors.As(err, &e) || e.Code == "" || e.Reason == "" {
			t.Fatalf("%#v", err)
		}
		return
	}
	last := ""
	for _, f := range l.Files {
		if f.Path <= last || !isPlain(f.Path) {
			t.Fatalf("%q after %q", f.Path, last)
		}
		if f.Size < 0 || len(f.Digests) != 1 {
			t.Fatalf("%v", f)
		}
		last = f.Path
	}
}

func isPlain(path string) bool {
	for element := range strings.SplitSeq(path, "/") {
		if element == "" || element == "." || element == ".." || strings.ContainsAny(element, "\\\x00") {
			return false
		}
	}
	return true
}

// The listing keeps the bytes of the files that the options select, up to a limit.
func TestKeep(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: an archive of 64 MiB")
	}
	archive := makeTar(t,
		entry{name: "package/a.js", body: "a"}, entry{name: "package/b.bin", body: "b"},
		entry{name: "package/large.js", body: strings.Repeat("x", MaxKept)}, entry{name: "package/later.js", body: "l"},
	)
	keep := func(path string) bool { return strings.HasSuffix(path, ".js") }
	want := hasher.MetadataOf(hasher.Sum(hasher.SetOf(hasher.SHA512), archive))
	l, err := ReadTar(context.Background(), "a.tgz", bytes.NewReader(archive), Options{Want: want, Algorithms: hasher.SetOf(hasher.SHA256), Keep: keep})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a.js": "a", "b.bin": "-", "large.js": "-", "later.js": "l"} {
		got := "-"
		if b, ok := l.File(path).Bytes(); ok {
			got = string(b)
		}
		if got != want {
			t.Errorf("the bytes of %s are %.9q, want %q", path, got, want)
		}
	}
}
