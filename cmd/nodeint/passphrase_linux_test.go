package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// A session is a nodeint process on a terminal.
type session struct {
	*testing.T
	keyboard, screen *os.File
	cmd              *exec.Cmd
	seen             strings.Builder
}

func atTerminal(t *testing.T, args ...string) *session {
	t.Helper()
	s := &session{T: t}
	s.keyboard, s.screen = testenv.Terminal(t)
	s.cmd = exec.CommandContext(t.Context(), testenv.Nodeint(t), args...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.screen, s.screen, s.screen
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// echoes reports whether the terminal shows what is typed.
func (s *session) echoes() bool {
	s.Helper()
	state, err := unix.IoctlGetTermios(int(s.screen.Fd()), unix.TCGETS)
	if err != nil {
		s.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// answer waits for the question and until the terminal has stopped its echo, then
// types the text.
func (s *session) answer(question, text string) {
	s.Helper()
	in := bufio.NewReader(s.keyboard)
	for !strings.Contains(s.seen.String(), question) {
		b, err := in.ReadByte()
		if err != nil {
			s.Fatalf("after %q: %v", s.seen.String(), err)
		}
		s.seen.WriteByte(b)
	}
	for deadline := time.Now().Add(20 * time.Second); s.echoes(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatal("the terminal still echoes what is typed")
		}
	}
	if _, err := io.WriteString(s.keyboard, text); err != nil {
		s.Fatal(err)
	}
}

// end waits for the process and returns its exit status.
func (s *session) end() int {
	s.Helper()
	_ = s.cmd.Wait()
	if !s.echoes() {
		s.Error("the terminal does not echo after the end")
	}
	return s.cmd.ProcessState.ExitCode()
}

// A passphrase is typed without echo, twice for a new key, and decrypts the key.
func TestPassphrasePrompt(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "fixtures", "shop"))); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key")
	s := atTerminal(t, "keygen", "--out", key)
	s.answer("(empty for none): ", "open sesame\n")
	s.answer("repeat the passphrase: ", "open sesam\n")
	if exit := s.end(); exit != exitUsage {
		t.Errorf("different passphrases: status %d", exit)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("different passphrases: the key was written")
	}
	s = atTerminal(t, "keygen", "--out", key)
	s.answer("(empty for none): ", "open sesame\n")
	s.answer("repeat the passphrase: ", "open sesame\n")
	if exit := s.end(); exit != exitOK {
		t.Errorf("equal passphrases: status %d", exit)
	}
	text, err := os.ReadFile(key)
	if err != nil || !strings.Contains(string(text), "ENCRYPTED") {
		t.Errorf("the key is %q (%v)", text, err)
	}
	for words, want := range map[string]int{"open sesame\n": exitOK, "open\n": exitUsage} {
		s = atTerminal(t, "-C", dir, "sign", "--key", key)
		s.answer("passphrase for ", words)
		if exit := s.end(); exit != want {
			t.Errorf("%q: status %d, want %d", words, exit, want)
		}
	}
}

// An empty passphrase gives a key without a passphrase.
func TestNoPassphrase(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	s := atTerminal(t, "keygen", "--out", key)
	s.answer("(empty for none): ", "\n")
	if exit := s.end(); exit != exitOK {
		t.Errorf("status %d", exit)
	}
	if text, err := os.ReadFile(key); err != nil || !strings.HasPrefix(string(text), "-----BEGIN PRIVATE KEY") {
		t.Errorf("the key is %q (%v)", text, err)
	}
}

// Ctrl-C at the prompt ends nodeint and restores the echo of the terminal.
func TestPromptInterrupted(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	s := atTerminal(t, "keygen", "--out", key)
	s.answer("(empty for none): ", "\x03")
	if exit := s.end(); exit != exitInterrupted {
		t.Errorf("status %d, want %d", exit, exitInterrupted)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("the key was written")
	}
}
