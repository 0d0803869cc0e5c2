package atomic

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// writeEnv makes the test binary write a file, for strace to observe.
const writeEnv = "NODEINT_TEST_WRITE"

func TestMain(m *testing.M) {
	if file := os.Getenv(writeEnv); file != "" {
		if err := Write(file, []byte("new")); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// The order of system calls that a power failure depends on: the new file is flushed
// before it is renamed, the directory is flushed after that, and the old file is never
// opened for writing.
func TestWriteOrder(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		testenv.Unavailable(t, "%v", err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file, log := filepath.Join(dir, "map"), filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(strace, "-f", "-y", "-o", log, "-e", "trace=openat,fsync,rename,renameat,renameat2", os.Args[0])
	cmd.Env = append(os.Environ(), writeEnv+"="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		testenv.Unavailable(t, "strace does not work here: %v\n%s", err, out)
	}
	calls, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	rest := string(calls)
	for _, want := range []string{
		`openat\(.*"` + dir + `/\.map\.\d+\.tmp", .*O_CREAT\|O_EXCL`,
		`fsync\(\d+<` + dir + `/\.map\.\d+\.tmp>`,
		`rename.*"` + dir + `/\.map\.\d+\.tmp", .*"` + file + `"`,
		`fsync\(\d+<` + dir + `>`,
	} {
		at := regexp.MustCompile(want).FindStringIndex(rest)
		if at == nil {
			t.Fatalf("no %s after the calls that must precede it in\n%s", want, calls)
		}
		rest = rest[at[1]:]
	}
	for line := range strings.Lines(string(calls)) {
		if strings.Contains(line, `"`+file+`"`) && (strings.Contains(line, "O_WRONLY") || strings.Contains(line, "O_RDWR")) {
			t.Errorf("the old file is opened for writing: %s", line)
		}
	}
}
