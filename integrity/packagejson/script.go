package packagejson

import "strings"

// find returns where in a script the command stands as a whole step: between
// "&&"s, outside of quotes, from its end.
func find(script, command string) (at int, ok bool) {
	for end := len(script); ; {
		at := strings.LastIndex(script[:end], command)
		if at < 0 {
			return 0, false
		}
		before := strings.TrimSpace(script[:at])
		after := strings.TrimSpace(script[at+len(command):])
		step := (before == "" || strings.HasSuffix(before, "&&") && open(strings.TrimSuffix(before, "&&")) == "") &&
			(after == "" || strings.HasPrefix(after, "&&"))
		if step {
			return at, true
		}
		end = at + len(command) - 1
	}
}

// without takes the step of the length n at the offset at out of a script, and
// the "&&" that went with it.
func without(script string, at, n int) string {
	before, after := strings.TrimSpace(script[:at]), strings.TrimSpace(script[at+n:])
	after = strings.TrimSpace(strings.TrimPrefix(after, "&&"))
	if after == "" {
		return strings.TrimSpace(strings.TrimSuffix(before, "&&"))
	}
	return strings.TrimSpace(before + " " + after)
}

// chainable holds that a shell comes to what is put behind "&&" at the script's
// end, be it sh or cmd.
func chainable(name, script string) error {
	if why := open(script); why != "" {
		return refuse("let scripts."+name+" run one program, say npm run build, and put what it does there",
			"scripts.%s is %q, and a command behind it would not run: %s", name, script, why)
	}
	return nil
}

// open says why a command put behind the script and "&&" is not one that runs
// after it; "" where it is.
func open(script string) string {
	var quoted byte
	word, step := true, true // whether a word, or a command, may begin here
	for i := 0; i < len(script); i++ {
		c := script[i]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			} else if c == '\\' && quoted == '"' {
				i++
			}
		case c == '\\':
			if i++; i == len(script) {
				return `it ends with \`
			}
		case c == '\'' || c == '"' || c == '`':
			quoted = c
		case c == '#' && word:
			return "it ends with a comment"
		case c == '\n' || c == '\r':
			return "it has several lines"
		case strings.HasPrefix(script[i:], "<<"):
			return "it has a here-document"
		case step && ends(script[i:]) != "":
			return ends(script[i:]) + " ends the shell"
		}
		blank := c == ' ' || c == '\t'
		word = quoted == 0 && (blank || strings.IndexByte(";&|(", c) >= 0)
		step = quoted == 0 && (c == ';' || c == '&' || step && blank)
	}
	script = strings.TrimSpace(script)
	switch {
	case quoted != 0:
		return "it has a quote without its end"
	case script != "" && strings.IndexByte("&|;(<>^", script[len(script)-1]) >= 0:
		return "it ends with " + script[len(script)-1:]
	}
	return ""
}

// ends returns the word at the script's beginning, if a shell that runs it comes
// to nothing behind it.
func ends(script string) string {
	word := script
	if i := strings.IndexAny(script, " \t;&|"); i >= 0 {
		word = script[:i]
	}
	if word == "exit" || word == "exec" {
		return word
	}
	return ""
}
