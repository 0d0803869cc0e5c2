package packagejson

import (
	"encoding/json"
	"testing"

	"github.com/tidwall/gjson"
)

const entries = `["server.js", "worker.js"]`

// AddSetting has the style of the text around it, and replaces nothing.
func TestAddSetting(t *testing.T) {
	for _, e := range []struct{ name, was, is string }{
		{"no object", "{\n  \"name\": \"x\"\n}\n", "{\n  \"name\": \"x\",\n  \"nodeint\": {\n    \"entries\": " + entries + "\n  }\n}\n"},
		{"tabs and CRLF", "{\r\n\t\"name\":\"x\"\r\n}", "{\r\n\t\"name\":\"x\",\r\n\t\"nodeint\":{\r\n\t\t\"entries\":" + entries + "\r\n\t}\r\n}"},
		{"one line", `{"name":"x"}`, `{"name":"x","nodeint":{"entries":` + entries + `}}`},
		{"an object with another member", "{\n  \"nodeint\": {\n    \"coverage\": \"graph\"\n  }\n}\n",
			"{\n  \"nodeint\": {\n    \"coverage\": \"graph\",\n    \"entries\": " + entries + "\n  }\n}\n"},
		{"an object without members", `{"nodeint": {}}`, `{"nodeint": { "entries": ` + entries + ` }}`},
		{"the member", `{"nodeint": {"entries": []}}`, `{"nodeint": {"entries": []}}`},
		{"the member with another type", `{"nodeint": {"entries": 1}}`, `{"nodeint": {"entries": 1}}`},
		{"no members", "{}", "{\n  \"nodeint\": {\n    \"entries\": " + entries + "\n  }\n}"},
	} {
		t.Run(e.name, func(t *testing.T) {
			is, err := AddSetting("package.json", []byte(e.was), "nodeint", "entries", entries)
			if err != nil || string(is) != e.is {
				t.Errorf("got %q (%v), want %q", is, err, e.is)
			}
			again, err := AddSetting("package.json", is, "nodeint", "entries", entries)
			if err != nil || string(again) != string(is) {
				t.Errorf("added again: %q (%v)", again, err)
			}
		})
	}
}

// Texts that AddSetting rejects.
func TestAddSettingRejects(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"nodeint": []}`, `{"nodeint": {}, "nodeint": {}}`, `{"nodeint": {"entries": [], "entries": []}}`, "\xef\xbb\xbf{}", "{\"\xff\": 1}"} {
		if is, err := AddSetting("package.json", []byte(text), "nodeint", "entries", entries); err == nil {
			t.Errorf("AddSetting(%q) = %q", text, is)
		}
	}
}

// What AddSetting returns is JSON that has the member, and every member that was there.
func FuzzAddSetting(f *testing.F) {
	for _, text := range []string{"{}", `{"nodeint":{}}`, "{\n\t\"a\": 1\n}\n", `{"nodeint": {"a": {"b": []}}}`, `{"a": "\"}", "nodeint" : { } }`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		is, err := AddSetting("package.json", text, "nodeint", "entries", entries)
		if err != nil {
			return
		}
		if !json.Valid(is) || !gjson.GetBytes(is, "nodeint.entries").Exists() {
			t.Fatalf("%q became %q", text, is)
		}
		gjson.ParseBytes(text).ForEach(func(k, v gjson.Result) bool {
			found := false
			gjson.ParseBytes(is).ForEach(func(k2, v2 gjson.Result) bool {
				found = found || k2.Raw == k.Raw && (v2.Raw == v.Raw || k.Str == "nodeint")
				return true
			})
			if !found {
				t.Fatalf("%q lost %s", is, k.Raw)
			}
			return true
		})
	})
}
