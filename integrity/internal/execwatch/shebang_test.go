package execwatch

import (
	"strings"
	"testing"
)

var shebangs = []struct {
	head, interpreter, argument string
	ok                          bool
}{
	{"#!/bin/sh\necho", "/bin/sh", "", true},
	{"#! /usr/bin/env node\n", "/usr/bin/env", "node", true},
	{"#!\t/usr/bin/node  --require ./x.js \t\n1", "/usr/bin/node", "--require ./x.js", true},
	{"#!/usr/bin/env -S node --require ./x.js\n", "/usr/bin/env", "-S node --require ./x.js", true},
	{"#!node\r\n", "node\r", "", true},
	{"#!/bin/sh", "/bin/sh", "", true},
	{"#!/bin/sh -e", "/bin/sh", "-e", true},
	{"#!/bin/sh\x00 -e\n", "/bin/sh", "", true},
	{"#!/bin/sh -e\x00 -x\n", "/bin/sh", "-e", true},
	{"#!" + strings.Repeat("x", 300), "", "", false},
	{"#!/x " + strings.Repeat("y", 300), "/x", strings.Repeat("y", HeadSize-5), true},
	{"#!  \n/bin/sh", "", "", false},
	{"#!", "", "", false},
	{"#", "", "", false},
	{" #!/bin/sh\n", "", "", false},
	{"\x7fELF", "", "", false},
}

func TestShebang(t *testing.T) {
	for _, tt := range shebangs {
		interpreter, argument, ok := Shebang([]byte(tt.head))
		if interpreter != tt.interpreter || argument != tt.argument || ok != tt.ok {
			t.Errorf("Shebang(%q) = %q, %q, %v", tt.head, interpreter, argument, ok)
		}
	}
}

func FuzzShebang(f *testing.F) {
	for _, tt := range shebangs {
		f.Add([]byte(tt.head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		interpreter, argument, ok := Shebang(head)
		if ok != (interpreter != "") || !ok && argument != "" || strings.ContainsAny(interpreter, " \t\n\x00") || strings.ContainsAny(argument, "\n\x00") {
			t.Errorf("Shebang(%q) = %q, %q, %v", head, interpreter, argument, ok)
		}
		if strings.Trim(argument, " \t") != argument && !strings.ContainsRune(string(head), 0) {
			t.Errorf("the argument %q has spaces around it", argument)
		}
	})
}
