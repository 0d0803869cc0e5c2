package setup_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/setup"
)

var launches = []struct{ dockerfile, line string }{
	{`CMD ["node", "server.js"]`, `CMD ["nodeint", "run", "node", "server.js"]`},
	{"CMD node --enable-source-maps dist/main.js\n", `CMD ["nodeint", "run", "node", "--enable-source-maps", "dist/main.js"]`},
	{`cmd ["npm", "start"]`, `CMD ["nodeint", "run"]`},
	{"CMD npm run start", `CMD ["nodeint", "run"]`},
	{`CMD ["npm", "run", "serve"]`, `CMD ["nodeint", "run"]`},
	{`ENTRYPOINT ["node", "server.js"]`, `ENTRYPOINT ["nodeint", "run", "node", "server.js"]`},
	{"ENTRYPOINT [\"node\"]\nCMD [\"server.js\"]", `ENTRYPOINT ["nodeint", "run", "node"]`},
	{"ENTRYPOINT [\"docker-entrypoint.sh\"]\nCMD [\"node\", \"server.js\"]", `CMD ["nodeint", "run", "node", "server.js"]`},
	{"FROM a AS build\nCMD [\"old\"]\nFROM b\nCMD [\"node\", \"new.js\"]", `CMD ["nodeint", "run", "node", "new.js"]`},
	{`CMD ["node", "a \"b\".js"]`, `CMD ["nodeint", "run", "node", "a \"b\".js"]`},
	{"CMD node server.js --port $PORT", `CMD ["nodeint", "run"]`},
	{"CMD [\"node\", \"\"]", `CMD ["nodeint", "run"]`},
	{"CMD", `CMD ["nodeint", "run"]`},
	{"", `CMD ["nodeint", "run"]`},
}

func TestLaunch(t *testing.T) {
	for _, e := range launches {
		if got := setup.Launch(e.dockerfile); got != e.line {
			t.Errorf("Launch(%q) = %s, want %s", e.dockerfile, got, e.line)
		}
	}
}

// The result is one line in exec form that starts nodeint run.
func FuzzLaunch(f *testing.F) {
	for _, e := range launches {
		f.Add(e.dockerfile)
	}
	f.Fuzz(func(t *testing.T, dockerfile string) {
		line := setup.Launch(dockerfile)
		_, list, _ := strings.Cut(line, " ")
		var words []string
		if err := json.Unmarshal([]byte(list), &words); err != nil || len(words) < 2 || words[0] != "nodeint" || words[1] != "run" || strings.Contains(line, "\n") {
			t.Errorf("Launch(%q) = %q", dockerfile, line)
		}
	})
}
