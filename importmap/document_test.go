package importmap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// accepted are maps that Read accepts. TestFormat shows which of them are already in
// the form that Format writes.
var accepted = []string{
	`{}`,
	" \t\r\n{ } \n",
	`{"imports":{}}`,
	`{"scopes":{"/a/":{"b":null}}}`,
	`{"integrity":{}}`,
	`{"integrity":{"./a.js":"sha256-AAAA","./b.js":""}}`,
	`{"integrity":{"./b.js":"x","./a.js":"y"}}`,
	`{"int\u0065grity":{"./\u00e9":"\ud83d\ude00\n\"\\\/\b\f\r\t"}}`,
	`{"integrity":{"./a":"x","./A":"x"}}`,
	`{"integrity":{"":"","imports":"x","Integrity":"y"}}`,
	`{"nodeint":{"version":1,"Version":2,"a":{"z":[],"a":[1,{"y":0,"x":0}]}}}`,
	`{"new-feature":[1,-0,0.5,1e9,1E+9,1.5e-7,123456789012345678901234567890]}`,
	`{"x":[true,false,null,"",{},[],[[]],[{}]]}`,
	`{"x":"é 日本 😀 \u2028 <>&","\u007f":"` + "\u007f\u2028\u2029\ufeff\uffff\U0010ffff" + `"}`,
	`{"x":"\u0000","":1}`,
	`{"zscopes":1,"importsx":{}}`,
	`{"b":1,"imports":{"b":"/b","a":"\u002fa"},"a":1,"nodeint":{"b":"\u0041","a":1e1}}`,
	`{"x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`,
	`{"x":{"b":1,"a":2,"c":3}}`,
}

func TestReadAccepts(t *testing.T) {
	for _, text := range accepted {
		if _, err := Read("m.json", []byte(text)); err != nil {
			t.Errorf("Read(%q): %v", text, err)
		}
		if !json.Valid([]byte(text)) {
			t.Errorf("%q is no JSON", text)
		}
	}
}

// rejected are maps that Read rejects, with the whole error. Each tests one thing.
var rejected = []struct{ name, text, err string }{
	{"empty", "", `m.json: the map is empty`},
	{"white space only", " \n ", `m.json:2:2: the text ends where an object should be`},
	{"bom", "\ufeff{}", `m.json: the map begins with a byte order mark`},
	{"utf-16", "\xff\xfe{\x00}\x00", `m.json:1:1: byte 0xff where an object should be`},
	{"null", `null`, `m.json:1:1: null where an object should be`},
	{"array", `[]`, `m.json:1:1: an array where an object should be`},
	{"string", `"{}"`, `m.json:1:1: a string where an object should be`},
	{"number", `1`, `m.json:1:1: a number where an object should be`},
	{"boolean", `true`, `m.json:1:1: a boolean where an object should be`},
	{"not json", `hello`, `m.json:1:1: 'h' where an object should be`},
	{"cut after brace", `{`, `m.json:1:2: the text ends where a name in double quotes should be`},
	{"cut in a name", `{"int`, `m.json:1:6: the text ends inside a string`},
	{"cut after name", `{"x"`, `m.json:1:5: x: the text ends where ":" should be`},
	{"cut after colon", `{"x":`, `m.json:1:6: x: the text ends where a value should be`},
	{"cut after value", `{"x":1`, `m.json:1:7: x: the text ends where "," or "}" should be`},
	{"cut after comma", `{"x":1,`, `m.json:1:8: the text ends where a name in double quotes should be`},
	{"cut in an array", `{"x":[1`, `m.json:1:8: x[0]: the text ends where "," or "]" should be`},
	{"cut in metadata", `{"integrity":{"./a":"sha256-`, `m.json:1:29: integrity["./a"]: the text ends inside a string`},
	{"cut after backslash", `{"x":"\`, `m.json:1:8: x: the text ends inside a string`},
	{"cut in integrity", `{"integrity":{"./a":"x"`, `m.json:1:24: integrity["./a"]: the text ends where "," or "}" should be`},
	{"trailing brace", `{}}`, `m.json:1:3: more text after the end of the map`},
	{"trailing object", "{}\n{}", `m.json:2:1: more text after the end of the map`},
	{"trailing nul", "{}\x00", `m.json:1:3: more text after the end of the map`},
	{"trailing comment", "{} // x", `m.json:1:4: more text after the end of the map`},
	{"leading comment", "/**/{}", `m.json:1:1: '/' where an object should be`},
	{"comment inside", `{/**/}`, `m.json:1:2: '/' where a name in double quotes should be`},
	{"trailing comma", `{"x":1,}`, `m.json:1:8: '}' where a name in double quotes should be`},
	{"leading comma", `{,"x":1}`, `m.json:1:2: ',' where a name in double quotes should be`},
	{"two commas", `{"x":1,,"y":1}`, `m.json:1:8: ',' where a name in double quotes should be`},
	{"no comma", `{"x":1 "y":2}`, `m.json:1:8: x: '"' where "," or "}" should be`},
	{"no colon", `{"x" 1}`, `m.json:1:6: x: '1' where ":" should be`},
	{"array comma", `{"x":[1,]}`, `m.json:1:9: x[1]: ']' where a value should be`},
	{"array leading comma", `{"x":[,1]}`, `m.json:1:7: x[0]: ',' where a value should be`},
	{"wrong bracket", `{"x":[1}}`, `m.json:1:8: x[0]: '}' where "," or "]" should be`},
	{"single quotes", `{'x':1}`, `m.json:1:2: '\'' where a name in double quotes should be`},
	{"bare name", `{x:1}`, `m.json:1:2: 'x' where a name in double quotes should be`},
	{"bare value", `{"x":undefined}`, `m.json:1:6: x: 'u' where a value should be`},
	{"wrong-case word", `{"x":True}`, `m.json:1:6: x: 'T' where a value should be`},
	{"word goes on", `{"x":nullx}`, `m.json:1:10: x: 'x' where "," or "}" should be`},
	{"other space", "{\u00a0}", `m.json:1:2: '\u00a0' where a name in double quotes should be`},
	{"form feed", "{\f}", `m.json:1:2: '\f' where a name in double quotes should be`},
	{"leading zero", `{"x":01}`, `m.json:1:7: x: '1' where "," or "}" should be`},
	{"plus sign", `{"x":+1}`, `m.json:1:6: x: '+' where a value should be`},
	{"minus alone", `{"x":-}`, `m.json:1:7: x: '}' where a digit should be`},
	{"no integer part", `{"x":.5}`, `m.json:1:6: x: '.' where a value should be`},
	{"no fraction", `{"x":1.}`, `m.json:1:8: x: '}' where a digit should be`},
	{"no exponent", `{"x":1e}`, `m.json:1:8: x: '}' where a digit should be`},
	{"signed no exponent", `{"x":1e+-1}`, `m.json:1:9: x: '-' where a digit should be`},
	{"hexadecimal", `{"x":0x1}`, `m.json:1:7: x: 'x' where "," or "}" should be`},
	{"nan", `{"x":NaN}`, `m.json:1:6: x: 'N' where a value should be`},
	{"infinity", `{"x":-Infinity}`, `m.json:1:7: x: 'I' where a digit should be`},
	{"newline in string", "{\"x\":\"a\nb\"}", `m.json:1:8: x: control character U+000A in a string`},
	{"tab in name", "{\"a\tb\":1}", `m.json:1:4: control character U+0009 in a string`},
	{"nul in string", "{\"x\":\"\x00\"}", `m.json:1:7: x: control character U+0000 in a string`},
	{"unknown escape", `{"x":"\a"}`, `m.json:1:7: x: unknown escape in a string`},
	{"hex escape", `{"x":"\x41"}`, `m.json:1:7: x: unknown escape in a string`},
	{"short unicode escape", `{"x":"\u041"}`, `m.json:1:7: x: \u without four hexadecimal digits`},
	{"signed unicode escape", `{"x":"\u+041"}`, `m.json:1:7: x: \u without four hexadecimal digits`},
	{"upper-case unicode escape", `{"x":"\U0041"}`, `m.json:1:7: x: unknown escape in a string`},
	{"control after escape", "{\"x\":\"\\n\x01\"}", `m.json:1:9: x: control character U+0001 in a string`},
	{"lone high surrogate", `{"x":"\ud800"}`, `m.json:1:7: x: lone surrogate \ud800`},
	{"lone low surrogate", `{"x":"\udc00"}`, `m.json:1:7: x: lone surrogate \udc00`},
	{"two high surrogates", `{"x":"\ud800\ud800"}`, `m.json:1:7: x: lone surrogate \ud800`},
	{"reversed surrogates", `{"x":"\udc00\ud800"}`, `m.json:1:7: x: lone surrogate \udc00`},
	{"surrogate and letter", `{"x":"\ud800A"}`, `m.json:1:7: x: lone surrogate \ud800`},
	{"surrogate in a key", `{"integrity":{"./\uDFFF":"x"}}`, `m.json:1:18: integrity: lone surrogate \udfff`},
	{"lone continuation byte", "{\"x\":\"\x80\"}", `m.json:1:7: x: invalid UTF-8`},
	{"overlong slash", "{\"x\":\"\xc0\xaf\"}", `m.json:1:7: x: invalid UTF-8`},
	{"utf-8 surrogate", "{\"x\":\"\xed\xa0\x80\"}", `m.json:1:7: x: invalid UTF-8`},
	{"above U+10FFFF", "{\"x\":\"\xf4\x90\x80\x80\"}", `m.json:1:7: x: invalid UTF-8`},
	{"cut sequence", "{\"x\":\"\xe2\x82\"}", `m.json:1:7: x: invalid UTF-8`},
	{"latin-1 key", "{\"integrity\":{\"./\xe9.js\":\"x\"}}", `m.json:1:18: integrity: invalid UTF-8`},
	{"invalid outside strings", "{\xff}", `m.json:1:2: byte 0xff where a name in double quotes should be`},
	{"invalid after escape", "{\"x\":\"\\n\xff\"}", `m.json:1:9: x: invalid UTF-8`},
	{"duplicate section", `{"integrity":{},"imports":{},"integrity":{}}`, `m.json:1:30: integrity: duplicate member`},
	{"duplicate section by escape", `{"integrity":{},"integrit\u0079":{}}`, `m.json:1:17: integrity: duplicate member`},
	{"duplicate imports", `{"imports":{},"imports":{}}`, `m.json:1:15: imports: duplicate member`},
	{"duplicate nodeint", `{"nodeint":1,"nodeint":1}`, `m.json:1:14: nodeint: duplicate member`},
	{"duplicate unknown", `{"x":1,"a":1,"x":1}`, `m.json:1:14: x: duplicate member`},
	{"duplicate key", "{\n\"integrity\":{\n\"./a.js\":\"x\",\n\"./a.js\":\"x\"}}", `m.json:4:1: integrity["./a.js"]: duplicate member`},
	{"duplicate key by escape", `{"integrity":{"./a":"x","\u002e/a":"y"}}`, `m.json:1:25: integrity["./a"]: duplicate member`},
	{"duplicate key far off", `{"integrity":{"./b":"","./a":"","./c":"","./b":""}}`, `m.json:1:42: integrity["./b"]: duplicate member`},
	{"first of two duplicates", `{"integrity":{"b":"","a":"","b":"","a":""}}`, `m.json:1:29: integrity.b: duplicate member`},
	{"duplicate empty name", `{"x":{"":1,"":2}}`, `m.json:1:12: x[""]: duplicate member`},
	{"duplicate in imports", `{"imports":{"a":"/x","a":"/y"}}`, `m.json:1:22: imports.a: duplicate member`},
	{"duplicate in a scope", `{"scopes":{"/s/":{"a":"/x","a":"/y"}}}`, `m.json:1:28: scopes["/s/"].a: duplicate member`},
	{"duplicate in nodeint", `{"nodeint":{"links":[{},{"k":[{"to":1,"to":2}]}]}}`, `m.json:1:39: nodeint.links[1].k[0].to: duplicate member`},
	{"wrong case integrity", `{"Integrity":{}}`, `m.json:1:2: Integrity: differs from "integrity" only by case`},
	{"wrong case beside", `{"integrity":{},"INTEGRITY":{}}`, `m.json:1:17: INTEGRITY: differs from "integrity" only by case`},
	{"wrong case imports", `{"IMPORTS":{}}`, `m.json:1:2: IMPORTS: differs from "imports" only by case`},
	{"wrong case scopes", `{"Scopes":{}}`, `m.json:1:2: Scopes: differs from "scopes" only by case`},
	{"wrong case nodeint", `{"Nodeint":{}}`, `m.json:1:2: Nodeint: differs from "nodeint" only by case`},
	{"wrong case by escape", `{"\u0049ntegrity":{}}`, `m.json:1:2: Integrity: differs from "integrity" only by case`},
	{"wrong case by folding", `{"ſcopes":{}}`, `m.json:1:2: ["ſcopes"]: differs from "scopes" only by case`},
	{"null imports", `{"imports":null}`, `m.json:1:12: imports: null where an object should be`},
	{"array scopes", `{"scopes":[]}`, `m.json:1:11: scopes: an array where an object should be`},
	{"null integrity", `{"integrity":null}`, `m.json:1:14: integrity: null where an object should be`},
	{"array integrity", `{"integrity":[]}`, `m.json:1:14: integrity: an array where an object should be`},
	{"string integrity", `{"integrity":"x"}`, `m.json:1:14: integrity: a string where an object should be`},
	{"garbage integrity", `{"integrity":*}`, `m.json:1:14: integrity: '*' where an object should be`},
	{"null metadata", `{"integrity":{"./a":null}}`, `m.json:1:21: integrity["./a"]: null where a string should be`},
	{"array metadata", `{"integrity":{"./a":["x"]}}`, `m.json:1:21: integrity["./a"]: an array where a string should be`},
	{"object metadata", `{"integrity":{"./a":{}}}`, `m.json:1:21: integrity["./a"]: an object where a string should be`},
	{"number metadata", `{"integrity":{"./a":-1}}`, `m.json:1:21: integrity["./a"]: a number where a string should be`},
	{"boolean metadata", `{"integrity":{"./a":false}}`, `m.json:1:21: integrity["./a"]: a boolean where a string should be`},
	{"no metadata", `{"integrity":{"./a":}}`, `m.json:1:21: integrity["./a"]: '}' where a string should be`},
	{"too deep", `{"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`,
		`m.json:1:69: x` + strings.Repeat("[0]", 63) + `: nested deeper than 64 levels`},
	{"control in a key's error", `{"integrity":{"\u001b[31m":1}}`, `m.json:1:28: integrity["\x1b[31m"]: a number where a string should be`},
	{"long key's error", `{"integrity":{"` + strings.Repeat("k", 999) + `":1}}`,
		`m.json:1:1017: integrity["` + strings.Repeat("k", 256) + `"…]: a number where a string should be`},
	{"column in bytes", `{"é":1,"é":2}`, `m.json:1:9: ["é"]: duplicate member`},
}

func TestReadRefuses(t *testing.T) {
	for _, test := range rejected {
		_, err := Read("m.json", []byte(test.text))
		if err == nil {
			t.Errorf("%s: %q was read", test.name, test.text)
			continue
		}
		if err.Error() != test.err {
			t.Errorf("%s:\n got %s\nwant %s", test.name, err, test.err)
		}
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.File != "m.json" {
			t.Errorf("%s: %#v is not a SyntaxError of the file", test.name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, text := range accepted {
		if err := Check("t.json", "trace", []byte(text)); err != nil {
			t.Errorf("Check(%q): %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"":                      `t.json: the trace is empty`,
		"\ufeff{}":              `t.json: the trace begins with a byte order mark`,
		"[]":                    `t.json:1:1: an array where an object should be`,
		"{} {}":                 `t.json:1:4: more text after the end of the trace`,
		`{"a":[{"b":1,"b":2}]}`: `t.json:1:14: a[0].b: duplicate member`,
		`{"a":"\ud800"}`:        `t.json:1:7: a: lone surrogate \ud800`,
	} {
		if err := Check("t.json", "trace", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("Check(%q) = %v, want %s", text, err, want)
		}
	}
}

func TestReadTooLarge(t *testing.T) {
	_, err := Read("m.json", make([]byte, maxSize+1))
	if err == nil || err.Error() != "m.json: the map is larger than 256 MiB" {
		t.Errorf("got %v", err)
	}
}

func TestRead(t *testing.T) {
	data := []byte(`{"x": [1, 2],"integrity":{"./b":"B","./\u0061":"\u0041"},"nodeint": {"v":1},"imports":{ }}`)
	d, err := Read("m.json", data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data) // the document does not refer to it
	if want := []Entry{{"./b", "B"}, {"./a", "A"}}; !slices.Equal(d.Integrity, want) || !d.HasIntegrity {
		t.Errorf("integrity = %q, want %q", d.Integrity, want)
	}
	if string(d.Imports) != "{ }" || d.Scopes != nil {
		t.Errorf("imports = %q, scopes = %q", d.Imports, d.Scopes)
	}
	if len(d.Members) != 2 || d.Members[0].Name != "x" || string(d.Members[0].Raw) != "[1, 2]" {
		t.Errorf("members = %q", d.Members)
	}
	if raw, ok := d.Member("nodeint"); !ok || string(raw) != `{"v":1}` {
		t.Errorf("nodeint = %q, %v", raw, ok)
	}
	if raw, ok := d.Member("imports"); ok {
		t.Errorf("imports is a member besides: %q", raw)
	}
}

func TestPosition(t *testing.T) {
	text := "{\n  \"nodeint\": {\"version\": 2},\n  \"integrity\": {\n    \"./a\": \"é\", \"./\\u0062\": \"x\"\n  }\n}\n"
	d, err := Read("m.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		names        []string
		line, column int
	}{
		{[]string{"integrity"}, 3, 3},
		{[]string{"integrity", "./a"}, 4, 5},
		{[]string{"integrity", "./b"}, 4, 18},
		{[]string{"nodeint", "version"}, 2, 15},
		{[]string{"nodeint", "version", "x"}, 0, 0},
		{[]string{"integrity", "./c"}, 0, 0},
		{[]string{"./a"}, 0, 0},
		{nil, 0, 0},
	} {
		if line, column := d.position(test.names...); line != test.line || column != test.column {
			t.Errorf("position(%q) = %d, %d, want %d, %d", test.names, line, column, test.line, test.column)
		}
	}
	const want = `m.json:4:5: integrity["./a"]: no digest`
	if err := d.ErrorAt("no digest", "integrity", "./a"); err.Error() != want {
		t.Errorf("ErrorAt: got %v, want %s", err, want)
	}
	if err := (&Document{}).ErrorAt("no digest", "integrity", "./a"); err.Error() != `integrity["./a"]: no digest` {
		t.Errorf("ErrorAt without a text: got %v", err)
	}
}

const formatted = `{
  "imports": {
    "b": "/b",
    "a": "\u002fa"
  },
  "scopes": {},
  "integrity": {
    "./a": "x",
    "./b": "\"\\\n\u0001<>&é` + "\u2028\u007f" + `"
  },
  "nodeint": {
    "a": [
      1e1,
      {
        "x": "A/",
        "y": []
      }
    ],
    "b": {}
  },
  "z": [
    1.50,
    "\u0041"
  ],
  "y": null
}
`

func TestFormat(t *testing.T) {
	d, err := Read("m.json", []byte(`{"z":[1.50,"\u0041"],"nodeint":{"b":{},"a":[1e1,{"y":[],"x":"\u0041\/"}]},
		"integrity":{"./b":"\u0022\\\n\u0001\u003c>&é\u2028\u007f","./a":"x"},"y":null,"scopes":{ },"imports":{"b":"/b","a":"\u002fa"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(d.Format()); got != formatted {
		t.Errorf("got %s\nwant %s", got, formatted)
	}
	if d.Integrity[0].Key != "./b" {
		t.Error("Format changed the document's order")
	}
	for _, test := range []struct {
		doc  Document
		want string
	}{
		{Document{}, "{}\n"},
		{Document{HasIntegrity: true}, "{\n  \"integrity\": {}\n}\n"},
		{Document{Integrity: []Entry{{"k", "v"}}}, "{\n  \"integrity\": {\n    \"k\": \"v\"\n  }\n}\n"},
		{Document{Members: []Member{{"é", []byte(" [ ] ")}}}, "{\n  \"é\": []\n}\n"},
	} {
		if got := string(test.doc.Format()); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	for _, text := range accepted {
		checkFixedPoint(t, []byte(text))
	}
}

// checkFixedPoint formats a document twice and compares its values with those that
// encoding/json reads.
func checkFixedPoint(t *testing.T, text []byte) {
	t.Helper()
	d, err := Read("m.json", text)
	if err != nil {
		t.Fatal(err)
	}
	once := d.Format()
	again, err := Read("m.json", once)
	if err != nil {
		t.Fatalf("Read refuses what Format wrote: %v\n%s", err, once)
	}
	if twice := again.Format(); !bytes.Equal(once, twice) {
		t.Errorf("no fixed point: %s\nbecame %s", once, twice)
	}
	if a, b := decode(t, text), decode(t, once); a != b {
		t.Errorf("%s\nmeans %s\nFormat wrote %s", text, a, b)
	}
}

// decode returns the value of a text in a form that can be compared. Numbers keep their
// spelling.
func decode(t *testing.T, text []byte) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%#v", v)
}

func TestFormatPanics(t *testing.T) {
	for name, d := range map[string]Document{
		"member is not JSON":       {Members: []Member{{"x", []byte("{]")}}},
		"two values":               {Members: []Member{{"x", []byte("1 2")}}},
		"empty member":             {Members: []Member{{"x", []byte{}}}},
		"duplicate in a member":    {Members: []Member{{"nodeint", []byte(`{"a":1,"a":1}`)}}},
		"member twice":             {Members: []Member{{"x", []byte("1")}, {"x", []byte("1")}}},
		"member is a section":      {Members: []Member{{"imports", []byte("{}")}}},
		"wrong-case member":        {Members: []Member{{"Nodeint", []byte("{}")}}},
		"imports is not an object": {Imports: []byte("[]")},
		"key twice":                {Integrity: []Entry{{"a", ""}, {"b", ""}, {"a", ""}}},
		"key is not UTF-8":         {Integrity: []Entry{{"\xff", ""}}},
		"value is not UTF-8":       {Integrity: []Entry{{"a", "\xff"}}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			d.Format()
		})
	}
}

func TestSetMember(t *testing.T) {
	d := &Document{Members: []Member{{"x", []byte("1")}}}
	d.SetMember("nodeint", []byte("2"))
	d.SetMember("x", []byte("3"))
	if got, want := string(d.Format()), "{\n  \"nodeint\": 2,\n  \"x\": 3\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func seedDocuments(f *testing.F) {
	for _, text := range accepted {
		f.Add([]byte(text))
	}
	for _, test := range rejected {
		f.Add([]byte(test.text))
	}
	for _, data := range wptFiles(f) {
		f.Add(data)
	}
}

// FuzzRead compares Read with encoding/json: every text that Read accepts is accepted
// there too, with the same keys and values.
func FuzzRead(f *testing.F) {
	seedDocuments(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Read("m.json", text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		var m struct {
			Integrity map[string]string `json:"integrity"`
		}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("encoding/json refuses what Read takes: %v", err)
		}
		if len(m.Integrity) != len(d.Integrity) || d.HasIntegrity != (m.Integrity != nil) {
			t.Fatalf("%d entries, encoding/json has %d", len(d.Integrity), len(m.Integrity))
		}
		for _, e := range d.Integrity {
			if value, ok := m.Integrity[e.Key]; !ok || value != e.Value {
				t.Fatalf("%q is %q, encoding/json has %q", e.Key, e.Value, value)
			}
			if line, _ := d.position("integrity", e.Key); line == 0 {
				t.Fatalf("no position of %q", e.Key)
			}
		}
	})
}

// FuzzFormat checks that Read of a formatted document returns the same document.
func FuzzFormat(f *testing.F) {
	seedDocuments(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := Read("m.json", text); err == nil {
			checkFixedPoint(t, text)
		}
	})
}

// BenchmarkRead60k reads a map of 60,000 entries as Format writes it.
func BenchmarkRead60k(b *testing.B) {
	d := &Document{}
	for i := range 60000 {
		d.Integrity = append(d.Integrity, Entry{
			KeyOf(fmt.Sprintf("node_modules/package-%d/dist/esm/internal/module-%d.js", i/40, i)),
			"sha256-" + strings.Repeat("A", 43) + "=",
		})
	}
	text := d.Format()
	slices.Reverse(d.Integrity)
	var unsorted bytes.Buffer
	unsorted.WriteString(`{"integrity":{`)
	for i, e := range d.Integrity {
		if i > 0 {
			unsorted.WriteByte(',')
		}
		fmt.Fprintf(&unsorted, "%q:%q", e.Key, e.Value)
	}
	unsorted.WriteString("}}")
	for name, text := range map[string][]byte{"sorted": text, "unsorted": unsorted.Bytes()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read("m.json", text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("format", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d.Format()
		}
	})
}

// TestAllPlain compares the test of eight bytes at a time with the table, for each byte in
// each place.
func TestAllPlain(t *testing.T) {
	for at := range 8 {
		for c := range 256 {
			text := []byte("aZ ~\x7f!]#")
			text[at] = byte(c)
			if got := allPlain(string(text)); got != plain[c] {
				t.Errorf("byte 0x%02x in place %d: %v, want %v", c, at, got, plain[c])
			}
		}
	}
}
