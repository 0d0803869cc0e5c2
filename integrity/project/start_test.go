package project

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

var startTests = []struct {
	script string
	want   string // the file and then the preloads, separated by spaces
	err    string
}{
	{script: "node server.js", want: "server.js"},
	{script: "node .", want: "/app"},
	{script: " node\tserver.js --port 80 ", want: "server.js"},
	{script: "NODE_ENV=production node server.js", want: "server.js"},
	{script: "cross-env A=b C=d node server.js", want: "server.js"},
	{script: "env A=b exec /usr/bin/node server.js", want: "server.js"},
	{script: `node "my app.js"`, want: "my app.js"},
	{script: `node 'it'"'"'s.js'`, want: "it's.js"},
	{script: `node "a\"b\c.js"`, want: `a"b\c.js`},
	{script: `node a\ b.js`, want: "a b.js"},
	{script: "node --enable-source-maps --max-old-space-size=4096 server.js", want: "server.js"},
	{script: "node -C production --env-file .env server.js", want: "server.js"},
	{script: "node --import ./x.mjs app.js", want: "app.js ./x.mjs"},
	{script: "node --import=./x.mjs -r dotenv/config --require=y app.js", want: "app.js ./x.mjs dotenv/config y"},
	{script: "node --import file:///a/b%20c.mjs app.js", want: "app.js file:///a/b%20c.mjs"},
	{script: "node -- -odd.js", want: "-odd.js"},
	{script: "node server.js # in production", want: "server.js"},
	{script: "node a#b.js;", want: "a#b.js"},
	{script: "nodeint run node server.js", want: "server.js"},
	{script: "nodeint run -- node server.js", want: "server.js"},
	{script: "nodeint -q run --lazy --allow eval --report=r.jsonl -- node --enable-source-maps server.js --lazy", want: "server.js"},
	{script: "nodeint --map /etc/m.json run --key a.pub --key b.pub --threshold 2 --min-serial 7 node server.js", want: "server.js"},
	{script: "nodeint trace --append --out t.json node server.js", want: "server.js"},
	{script: "nodeint -C api run node -r ./a.js -r b server.js", want: "api/server.js ./a.js b"},
	{script: "nodeint run -Capi node server.js", want: "api/server.js"},
	{script: "nodeint run --cwd=api node /x/server.js", want: "/x/server.js"},
	{script: "nodeint run -C api --cwd web node server.js", want: "web/server.js"},
	{script: "nodeint run ./bin/server.mjs --port 80", want: "bin/server.mjs"},
	{script: "nodeint -C api run server.js", want: "api/server.js"},
	{script: "./server.js", want: "server.js"},
	{script: "nodeint verify && node server.js", want: "server.js"},
	{script: "nodeint verify --map-integrity sha256-x && nodeint -q generate --check && A=b node server.js", want: "server.js"},
	{script: "npx -y nodeint verify && npx nodeint run node server.js", want: "server.js"},
	{script: "npm exec -- nodeint run node server.js", want: "server.js"},
	{script: "pnpm exec nodeint run node server.js", want: "server.js"},
	{script: "pnpm nodeint run node server.js", want: "server.js"},
	{script: "yarn nodeint run node server.js", want: "server.js"},
	{script: "yarn node server.js", want: "server.js"},
	{script: "bunx nodeint run node server.js", want: "server.js"},
	{script: "./node_modules/.bin/nodeint run node server.js", want: "server.js"},
	{script: "cross-env A=b nodeint run node server.js", want: "server.js"},
	{script: "nodeint run cross-env A=b node server.js", want: "server.js"},
	{script: "npx cross-env A=b node server.js", want: "server.js"},
	{script: "tini -s -p SIGTERM -- node server.js", want: "server.js"},
	{script: "dumb-init --rewrite 15:3 nodeint run node server.js", want: "server.js"},
	{script: "exec /sbin/tini -- nodeint run node server.js", want: "server.js"},
	{script: "npm run serve", want: "server.js ./a.js"},
	{script: "A=b npm run -s again", want: "server.js ./a.js"},
	{script: "pnpm serve", want: "server.js ./a.js"},
	{script: "pnpm run serve", want: "server.js ./a.js"},
	{script: "yarn serve --x", want: "server.js ./a.js"},
	{script: "yarn run serve", want: "server.js ./a.js"},
	{script: "bun run serve", want: "server.js ./a.js"},
	{script: "node --run serve", want: "server.js ./a.js"},
	{script: "node --run=again -- --x", want: "server.js ./a.js"},
	{script: "npm run a.b -- x.js", want: "x.js"},
	{script: "nodeint verify && npm run serve", want: "server.js ./a.js"},
	{script: "npm run loop", err: "more than 10 scripts start one another"},
	{script: "npm run none", err: "not of the form"},
	{script: "npm serve", err: "not of the form"},
	{script: "npm run --prefix api serve", err: "not of the form"},
	{script: "npm run build && npm run serve", err: "needs a shell"},
	{script: "nodeint run", err: "without a command"},
	{script: "nodeint run --lazy", err: "without a command"},
	{script: "nodeint verify", err: "nodeint verify does not start a program"},
	{script: "nodeint", err: "does not start a program"},
	{script: "nodeint run next start", err: "not of the form node FILE"},
	{script: "nodeint run node server.js && node b.js", err: "before && only commands of nodeint"},
	{script: "nodeint verify || node server.js", err: "needs a shell"},
	{script: "nodeint verify; node server.js", err: "needs a shell"},
	{script: "nodeint verify && node server.js &", err: "needs a shell"},
	{script: "echo nodeint && node server.js", err: "before && only commands of nodeint"},
	{script: "npx tsx server.ts", err: "not of the form"},
	{script: "yarn start:prod", err: "not of the form"},
	{script: "cross-env A=b", err: "not of the form"},
	{script: "tini --", err: "not of the form"},
	{script: "A=b", err: "not of the form"},
	{script: "node", err: "without a file"},
	{script: "node --import", err: "--import needs a value"},
	{script: "node -e 1", err: "does not start a file"},
	{script: "node --test", err: "does not start a file"},
	{script: "node -", err: "does not start a file"},
	{script: "nodemon server.js", err: "not of the form"},
	{script: "npm run build && node server.js", err: "needs a shell"},
	{script: "node $MAIN", err: `a shell, which expands "$MAIN"`},
	{script: "node `x`", err: "which expands"},
	{script: `node "$MAIN"`, err: "which expands"},
	{script: "node *.js", err: "needs a shell"},
	{script: "node 'a", err: "closing quote"},
	{script: "node server.js &", err: "needs a shell"},
	{script: "node server.js >log", err: "needs a shell"},
	{script: "A=$B node server.js", err: "which expands"},
	{script: "node a.js\nnode b.js", err: "needs a shell"},
	{script: "", err: "not of the form"},
}

// otherScripts are the scripts that the tests' scripts.start may start.
var otherScripts = gjson.Parse(`{"serve": "NODE_ENV=production node -r ./a.js server.js", "again": "npm run serve -- --port 80", "loop": "npm run loop", "a.b": "node"}`)

// readScript reads a scripts.start in the directory /app.
func readScript(script string) (start, error) {
	c, err := followScripts(otherScripts, script)
	if err != nil {
		return start{}, err
	}
	return readStart(c, "/app", "")
}

func TestReadStart(t *testing.T) {
	for _, tt := range startTests {
		got, err := readScript(tt.script)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error %v, want %q", tt.script, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.script, err)
			continue
		}
		file := strings.TrimPrefix(got.file, "/app/")
		if got := strings.Join(append([]string{file}, got.settings.Preloads...), " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.script, got, tt.want)
		}
	}
}

func FuzzReadStart(f *testing.F) {
	for _, tt := range startTests {
		f.Add(tt.script)
	}
	f.Fuzz(func(t *testing.T, script string) {
		s, err := readScript(script)
		if err == nil && !filepath.IsAbs(s.file) {
			t.Errorf("%q starts %q, which is not absolute", script, s.file)
		}
	})
}
