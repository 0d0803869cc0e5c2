package main

import (
	"bytes"
	"io"
	"os"

	"github.com/nodeint/nodeint/integrity/report"
)

// A logWriter writes to the log of a CI server, which takes some lines for commands: see
// [report.Inert]. It writes whole lines, and Flush the rest.
type logWriter struct {
	w       io.Writer
	pending []byte // the begin of a line
}

// forLog returns the writer for text that may have names of files, if w is the log of a CI
// server; otherwise it returns w.
func forLog(w io.Writer) io.Writer {
	if w == nil || os.Getenv("GITHUB_ACTIONS") == "" && os.Getenv("TF_BUILD") == "" && os.Getenv("TEAMCITY_VERSION") == "" {
		return w
	}
	return &logWriter{w: w}
}

func (l *logWriter) Write(text []byte) (int, error) {
	l.pending = append(l.pending, text...)
	end := bytes.LastIndexByte(l.pending, '\n') + 1
	if end == 0 {
		return len(text), nil
	}
	_, err := io.WriteString(l.w, report.Inert(string(l.pending[:end])))
	l.pending = append(l.pending[:0], l.pending[end:]...)
	return len(text), err
}

// Flush writes the begin of a line.
func (l *logWriter) Flush() error {
	_, err := io.WriteString(l.w, report.Inert(string(l.pending)))
	l.pending = nil
	return err
}

// flush writes everything that is printed and not yet written.
func (u *ui) flush() error {
	err := u.out.Flush()
	for _, w := range []io.Writer{u.log, u.err} {
		if l, ok := w.(*logWriter); ok {
			if e := l.Flush(); err == nil {
				err = e
			}
		}
	}
	return err
}
