package importmap_test

import (
	"fmt"
	"os"

	"github.com/nodeint/nodeint/importmap"
)

const exampleMap = `{
  "imports": { "express": "./node_modules/express/index.js", "shop/": "./lib/" },
  "scopes": { "./node_modules/express/": { "debug": "./node_modules/debug/src/index.js" } },
  "integrity": { "./app.js": "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=" }
}`

// Read a map, and resolve specifiers as a browser does.
func Example() {
	document, err := importmap.Read("importmap.json", []byte(exampleMap))
	if err != nil {
		fmt.Println(err)
		return
	}
	m, warnings, err := document.Parse("file:///app/importmap.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range warnings {
		fmt.Println("warning:", w)
	}
	for _, from := range []string{"file:///app/app.js", "file:///app/node_modules/express/index.js"} {
		for _, specifier := range []string{"express", "shop/cart.js", "debug"} {
			url, err := m.Resolve(specifier, from)
			if err != nil {
				fmt.Println(err)
				continue
			}
			fmt.Println(specifier, "is", url)
		}
	}
	fmt.Println(m.IntegrityOf("file:///app/app.js"))
	// Output:
	// express is file:///app/node_modules/express/index.js
	// shop/cart.js is file:///app/lib/cart.js
	// resolve "debug" from file:///app/app.js: the import map has no entry for this bare specifier
	// express is file:///app/node_modules/express/index.js
	// shop/cart.js is file:///app/lib/cart.js
	// debug is file:///app/node_modules/debug/src/index.js
	// sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=
}

// Text that two JSON readers could read differently is an error with a position.
func ExampleRead() {
	for _, text := range []string{
		`{"integrity": {"./app.js": "sha256-A", "./app.js": "sha256-B"}}`,
		`{"Integrity": {}}`,
		`{"integrity": {"./app.js": null}}`,
	} {
		_, err := importmap.Read("importmap.json", []byte(text))
		fmt.Println(err)
	}
	// Output:
	// importmap.json:1:40: integrity["./app.js"]: duplicate member
	// importmap.json:1:2: Integrity: differs from "integrity" only by case
	// importmap.json:1:28: integrity["./app.js"]: null where a string should be
}

// Format sorts integrity and nodeint, and keeps the other members.
func ExampleDocument_Format() {
	document, err := importmap.Read("importmap.json", []byte(`{"imports":{"b":"./b.js","a":"./a.js"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	document.Integrity = []importmap.Entry{
		{Key: importmap.KeyOf("lib/a b.js"), Value: "sha256-B"},
		{Key: importmap.KeyOf("app.js"), Value: "sha256-A"},
	}
	document.SetMember("nodeint", []byte(`{"version":2,"coverage":"graph"}`))
	os.Stdout.Write(document.Format())
	// Output:
	// {
	//   "imports": {
	//     "b": "./b.js",
	//     "a": "./a.js"
	//   },
	//   "integrity": {
	//     "./app.js": "sha256-A",
	//     "./lib/a%20b.js": "sha256-B"
	//   },
	//   "nodeint": {
	//     "coverage": "graph",
	//     "version": 2
	//   }
	// }
}

// One file has one key. A rejected key comes with the key to write instead.
func ExamplePathOf() {
	for _, key := range []string{"./lib/a%20b.js", "lib/%61.js", "./../secret.js"} {
		path, err := importmap.PathOf(key)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(path)
	}
	// Output:
	// lib/a b.js
	// key "lib/%61.js": does not begin with "./"; write "./lib/a.js"
	// key "./../secret.js": has a segment ".."
}
