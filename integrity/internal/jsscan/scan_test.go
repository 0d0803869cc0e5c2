package jsscan

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// show writes a result in the short form of scanTests: refs as kind:text, with
// * for a star, ~ before a weak one, ? after one whose extension is probed, <folder for
// another place to resolve from and <main for the entry's; gaps as !what and
// the text; explained words as =line:column.
func format(r Result) string {
	var out []string
	for _, r := range r.Specifiers {
		text := [...]string{"require", "import", "path", "cwd", "glob"}[r.Kind] + ":" + strings.ReplaceAll(r.Text, Wildcard, "*")
		if r.Optional {
			text = "~" + text
		}
		if r.Probe {
			text += "?"
		}
		if r.From != "" {
			text += "<" + r.From
		}
		if r.FromEntry {
			text += "<main"
		}
		out = append(out, text)
	}
	for _, g := range r.Gaps {
		out = append(out, "!"+g.Call+" "+g.Text)
	}
	for _, p := range r.Handled {
		out = append(out, fmt.Sprintf("=%d:%d", p.Line, p.Column))
	}
	return strings.Join(out, " | ")
}

const (
	esmRequire = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n"
	esmDirname = "import path from 'node:path'; import { fileURLToPath } from 'node:url';\n" +
		"const __dirname = path.dirname(fileURLToPath(import.meta.url));\n"
	cjsPath = "const path = require('path');\n"
	esmWork = "import { Worker } from 'node:worker_threads';\n"
	cjsFork = "const cp = require('child_process');\n"
	// What esbuild writes before a bundle in ESM.
	esbuildShim = `var __require = /* @__PURE__ */ ((x) => typeof require !== "undefined" ? require : typeof Proxy !== "undefined" ? new Proxy(x, { get: (a, b) => (typeof require !== "undefined" ? require : a)[b] }) : x)(function(x) {
  if (typeof require !== "undefined") return require.apply(this, arguments);
  throw Error('Dynamic require of "' + x + '" is not supported');
});
`
	cjsAlias = "const r = require;\n"
)

var scanTests = []struct{ name, src, want string }{
	// Nothing to be said.
	{"empty", "", ""},
	{"plain require", "const a = require('./a'); require.resolve('b')", ""},
	{"plain import", "import a from './a'; export * from 'b'; import('c')", ""},
	{"in a comment", "// require(__dirname + '/x')\n/* createRequire(import.meta.url)('x') */", ""},
	{"in a string", `"require(__dirname + '/x')"; '__dirname'`, ""},
	{"in a regular expression", "/require(__dirname + 'x')/", ""},
	{"computed require is esbuild's", "require(name)", ""},
	{"computed import is esbuild's", "import(name)", ""},
	{"require as a value is esbuild's", "foo(require)", ""},
	{"a property of that name", "a.require('x'); a.__dirname + '/x'; ({require: 1, __dirname: 2})", ""},
	{"typeof require", "typeof require === 'function' && 1", "=1:7"},
	{"require.main", "if (require.main === module) {}", ""},
	{"require.cache", "delete require.cache[k]", ""},
	{"a parameter called require", "(function (require, module) { require(1); require(x) })", ""},
	{"define with require", "define(function (require) { require('./x') })", ""},

	// createRequire.
	{"createRequire", esmRequire + "require('./a'); require('b')", "require:./a | require:b"},
	{"createRequire resolve", esmRequire + "require.resolve('./a')", "require:./a"},
	{"createRequire, computed", esmRequire + "require(a)", "!require require(a)"},
	{"createRequire, glob", esmRequire + "require(`./l/${a}`)", "glob:l/*? | !require require(`./l/${a}`)"},
	{"createRequire renamed", "import { createRequire as cr } from 'module'; const q = cr(import.meta.url); q('./a')", "require:./a"},
	{"createRequire of default", "import mod from 'module'; mod.createRequire(import.meta.url)('./a')", "require:./a"},
	{"createRequire of namespace", "import * as m from 'node:module'; const q = m.createRequire(import.meta.url); q('./a')", "require:./a"},
	{"createRequire of Module.Module", "import * as m from 'node:module'; m.Module.createRequire(import.meta.url)('./a')", "require:./a"},
	{"createRequire, CommonJS", "const { createRequire } = require('module'); createRequire(__filename)('./a')", "require:./a"},
	{"createRequire, renamed pattern", "const { createRequire: c } = require('node:module'); const r = c(__filename); r('./a')", "require:./a"},
	{"createRequire, member", "require('module').createRequire(__dirname + '/')('./a')", "require:./a"},
	{"createRequire elsewhere", "const q = require('module').createRequire(__dirname + '/lib/x.js'); q('./a')", "require:./a<lib"},
	{"createRequire of a folder", "require('module').createRequire(__dirname)('./a')", "require:./a<.."},
	{"createRequire of a URL", "import {createRequire} from 'module'; createRequire(new URL('../b/', import.meta.url))('c')", "require:c<../b"},
	{"createRequire of path.join", cjsPath + "require('module').createRequire(path.join(__dirname, '../p/package.json'))('c')", "require:c<../p"},
	{"createRequire of a joined folder", cjsPath + "require('module').createRequire(path.join(__dirname, 'p/'))('c')", "require:c<p"},
	{"createRequire of a resolved folder", cjsPath + "require('module').createRequire(path.resolve(__dirname, 'p/'))('c')", "require:c"},
	{"createRequire absolute", "require('module').createRequire('/opt/app/')('c')", "require:c</opt/app"},
	{"createRequire unknown", "const q = require('module').createRequire(where); q('./a')", "~require:./a | !createRequire require('module').createRequire(where)"},
	{"createRequire of cwd", "const q = require('module').createRequire(process.cwd() + '/'); q('a')", "~require:a | !createRequire require('module').createRequire(process.cwd() + '/')"},
	{"createRequire by TypeScript", "const module_1 = require(\"module\");\nconst q = (0, module_1.createRequire)(__filename);\nq('./a');", "require:./a"},
	{"createRequire by Babel", "var _module = _interopRequireDefault(require('module'));\nvar q = _module.default.createRequire(__filename); q('./a')", "require:./a"},
	{"createRequire by esbuild", "var import_node_module = __toESM(require('node:module'));\nvar q = (0, import_node_module.createRequire)(__filename); q('./a')", "require:./a"},
	{"createRequire awaited", "const q = (await import('node:module')).createRequire(import.meta.url); q('./a')", "require:./a"},
	{"createRequire of awaited pattern", "const { createRequire } = await import('node:module'); createRequire(import.meta.url)('./a')", "require:./a"},
	{"createRequire by getBuiltinModule", "process.getBuiltinModule('module').createRequire(import.meta.url)('./a')", "require:./a"},
	{"createRequire by globalThis", "globalThis.process.getBuiltinModule('node:module').createRequire(import.meta.url)('./a')", "require:./a"},
	{"createRequire passed on", "import {createRequire} from 'module'; foo(createRequire(import.meta.url))", "!require createRequire(import.meta.url)"},
	{"createRequire exported", "import {createRequire} from 'module'; export const r = createRequire(import.meta.url)", "!require createRequire(import.meta.url)"},
	{"createRequire exported in a list", esmRequire + "export { require }", "!require require"},
	{"createRequire returned", "import {createRequire} from 'module'; function f() { return createRequire(import.meta.url) }", "!require createRequire(import.meta.url)"},
	{"createRequire kept in a property", "import {createRequire} from 'module'; this.r = createRequire(import.meta.url)", "!require createRequire(import.meta.url)"},
	{"createRequire, resolve passed on", esmRequire + "foo(require.resolve)", "!require require.resolve"},
	{"createRequire, resolve taken", esmRequire + "const { resolve } = require; resolve('./a')", "require:./a"},
	{"createRequire in a function", "import {createRequire} from 'module'; function f() { const r = createRequire(import.meta.url); return r('./a') } function g(r) { r(x) }", "require:./a"},
	{"createRequire beside parameters of that name", esmRequire + "function f(require) { require(x) } require('./a')", "require:./a"},
	{"createRequire or require", "const r = typeof require !== 'undefined' ? require : require('module').createRequire(import.meta.url); r('./a')", "require:./a | =1:17 | =1:43"},
	{"createRequire assigned later", "import {createRequire} from 'module'; let r; r = createRequire(import.meta.url); r('./a')", "require:./a"},
	{"createRequire with a type", "import {createRequire} from 'module'; const r: NodeRequire = createRequire(import.meta.url); r('./a') as Foo", "require:./a"},
	{"createRequire of rollup's URL", "const r = require('module').createRequire((typeof document === 'undefined' ? require('u' + 'rl').pathToFileURL(__filename).href : new URL('a.cjs', document.baseURI).href)); r('./a')",
		"require:url | require:./a | =1:77"},
	{"createRequire declared twice", "import {createRequire} from 'module'; { const r = createRequire(import.meta.url); r('./a') } { const r = foo; r(x) }", "require:./a"},
	{"createRequire of rollup's file name", "const u = require('url'), p = require('path'); const d$1 = p.dirname(u.fileURLToPath((typeof document === 'undefined' ? new (require('u' + 'rl').URL)('file:' + __filename).href : x))); const r = require('module').createRequire(d$1 + '/'); r('./a')",
		"require:url | require:./a | =1:125"},
	{"createRequire of the file's own", "function createRequire(a) { return a } createRequire(x)", ""},
	{"createRequire behind esbuild's shim", esmRequire + esbuildShim + "__require('./a'); __require(b)", "require:./a | !require __require(b)"},
	{"esbuild's shim", esbuildShim + "__require('./a')", "require:./a | =1:47 | =1:73 | =1:152 | =1:178 | =2:13 | =2:45"},
	{"rolldown's shim, minified", "var e=(e=>typeof require<`u`?require:typeof Proxy<`u`?new Proxy(e,{get:(e,t)=>(typeof require<`u`?require:e)[t]}):e)(function(e){if(typeof require<`u`)return require.apply(this,arguments);throw 1});e('./a');", "require:./a | =1:17 | =1:29 | =1:86 | =1:98 | =1:139 | =1:158"},
	{"createRequireFromPath", "require('module').createRequireFromPath(__filename)('./a')", "require:./a"},
	{"createRequire, optional call", esmRequire + "require?.('./a')", "require:./a"},
	{"createRequire, no arguments", esmRequire + "require()", ""},

	// require by other names.
	{"alias", cjsAlias + "r('./a')", "require:./a | =1:10"},
	{"alias, computed", cjsAlias + "r(x)", "!require r(x) | =1:10"},
	{"alias of alias", cjsAlias + "var q = r; q('./a')", "require:./a | =1:10"},
	{"alias that escapes", cjsAlias + "r('./a'); foo(r)", "require:./a"},
	{"alias resolve", cjsAlias + "r.resolve('./a')", "require:./a | =1:10"},
	{"alias in one branch", "const r = typeof __webpack_require__ === 'function' ? __non_webpack_require__ : require; r('./a')", "require:./a | =1:80"},
	{"alias by comma", "(0, require)('./a')", "require:./a | =1:4"},
	{"alias by comma, computed", "(0, require)(a)", "!require (0, require)(a) | =1:4"},
	{"in parentheses", "(require)(a)", "=1:1"},
	{"optional call", "require?.('./a')", "require:./a | =1:0"},
	{"module.require", "module.require('./a')", "require:./a"},
	{"module.require, computed", "module.require(a)", "!require module.require(a)"},
	{"module.require in brackets", "module['require']('./a')", "require:./a"},
	{"module.require bound", "const r = module.require.bind(module); r('./a')", "require:./a"},
	{"require.main.require", "require.main.require('./a')", "require:./a<main"},
	{"process.mainModule.require", "process.mainModule.require('./a')", "require:./a<main"},
	{"module.parent.require", "module.parent.require('./a')", "~require:./a | !require module.parent.require('./a')"},
	{"require.call", "require.call(null, './a')", "require:./a"},
	{"require.call, computed", "require.call(null, a)", "!require require.call(null, a)"},
	{"require.apply", "require.apply(null, ['./a'])", "require:./a"},
	{"require.apply, computed", "require.apply(null, arguments)", "!require require.apply(null, arguments)"},
	{"require.bind", "const r = require.bind(null); r('./a')", "require:./a"},
	{"eval of require", "eval('require')('./a')", "require:./a"},
	{"eval of something", "eval('1 + 1')", ""},
	{"Module._load", "const M = require('module'); M._load('./a', module)", "require:./a"},
	{"Module._load, computed", "const M = require('module'); M._load(a)", "!require M._load(a)"},
	{"Module._load replaced", "const M = require('module'); const old = M._load; M._load = function () {}", ""},
	{"module.constructor._load", "module.constructor._load('./a')", "require:./a"},

	// Constant specifiers.
	{"a variable", "const p = './x'; require(p)", "require:./x | =1:17"},
	{"a variable, import", "const p = './x.mjs'; await import(p)", "import:./x.mjs | =1:27"},
	{"a variable, template", "const p = 'x'; require(`./${p}.js`)", "require:./x.js | =1:15 | =1:23"},
	{"a variable with two values", "let p = './a'; if (c) p = './b'; require(p)", "require:./a | require:./b | =1:33"},
	{"a variable changed", "let p = './a'; p += x; require(p)", "require:./a"},
	{"a variable that may be more", "let p = './a'; p = foo(); require(p)", "require:./a"},
	{"a parameter", "const p = './a'; function f(p) { require(p) }", ""},
	{"a parameter of an arrow", "const p = './a'; const f = p => require(p); require(p)", "require:./a | =1:44"},
	{"a parameter with parentheses", "const p = './a'; const f = (p, q) => { require(p) }; require(p)", "require:./a | =1:53"},
	{"a parameter taken apart", "const p = './a'; function f({ p }) { require(p) }", ""},
	{"a caught value", "const p = './a'; try {} catch (p) { require(p) }", ""},
	{"a loop's variable", "const p = './a'; for (const p of ps) { require(p) } require(p)", "require:./a | =1:52"},
	{"a block's variable", "const p = './a'; { const p = './b'; require(p) }", "require:./b | =1:36"},
	{"a hoisted variable", "function f() { if (x) { var p = './a' } require(p) }", "require:./a | =1:40"},
	{"a variable without semicolons", "const p = './a'\nrequire(p)", "require:./a | =2:0"},
	{"an object's property", "const { p } = { p: './a' }; require(p)", ""},
	{"a chain of variables", "const a = './a', b = a, c = b + '.js'; require(c)", "require:./a.js | =1:39"},
	{"a variable of itself", "var a = a + 'x'; require(a)", ""},
	{"concatenation", "require('./a' + '/' + 'b')", "require:./a/b | =1:0 | =1:8"},
	{"condition", "require(c ? './a' : './b')", "require:./a | require:./b | =1:0"},
	{"conditions", "require(c ? './a' : d ? './b' : './c')", "require:./a | require:./b | require:./c | =1:0"},
	{"condition in a template", "require(`./a${c ? '.min' : ''}.js`)", "require:./a.js | require:./a.min.js | =1:0 | =1:8"},
	{"or", "require(x || './a')", "require:./a"},
	{"or of constants", "require('./a' || './b')", "require:./a | require:./b | =1:0"},
	{"and", "require(x && './a')", "require:./a | =1:0"},
	{"with a type", "const p = './a'; require(p as string)", "require:./a | =1:17"},
	{"escapes", `const p = '\x2e\u002f\u{61}\
b'; require(p)`, "require:./ab | =2:4"},
	{"require of a resolved one", "require(require.resolve('./a'))", "require:./a | =1:0"},
	{"resolve with paths", "require.resolve('a', { paths: [__dirname] })", "require:a | =1:0"},
	{"resolve with other paths", cjsPath + "require.resolve('a', { paths: [path.join(__dirname, 'b')] })", "require:a<b | =2:0"},
	{"resolve with unknown paths", "require.resolve('a', { paths: [x] })", "~require:a"},
	{"a name with an escape", `const \u0070 = './a'; require(p)`, "require:./a | =1:22"},
	{"import.meta.resolve of a variable", "const p = './a.mjs'; import.meta.resolve(p)", "import:./a.mjs | =1:21"},

	{"import.meta.resolve beside require", esmRequire + "import.meta.resolve('./a.mjs'); import.meta.resolve(x)", "import:./a.mjs | !import import.meta.resolve(x)"},
	{"import.meta.resolve by another name", "const r = import.meta.resolve; r('./a.mjs')", "import:./a.mjs"},
	{"require.resolve by another name", "const r = require.resolve; r('./a')", "require:./a | =1:10"},

	// Paths.
	{"dirname plus", "require(__dirname + '/x')", "path:x? | =1:0"},
	{"dirname template", "require(`${__dirname}/x`)", "path:x? | =1:0"},
	{"dirname alone", "require(__dirname)", "path:.? | =1:0"},
	{"path.join", cjsPath + "require(path.join(__dirname, 'x'))", "path:x? | =2:0"},
	{"path.join upward", cjsPath + "require(path.join(__dirname, '..', 'x', './y.js'))", "path:../x/y.js? | =2:0"},
	{"path.resolve", cjsPath + "require(path.resolve(__dirname, 'x'))", "path:x? | =2:0"},
	{"path.resolve absolute", cjsPath + "require(path.resolve(__dirname, '/x'))", "require:/x | =2:0"},
	{"path.join inside", "require(require('path').join(__dirname, 'x'))", "path:x? | =1:0"},
	{"join imported", "import { join } from 'path'; import(join(import.meta.dirname, 'x.js'))", "path:x.js | =1:29"},
	{"join taken apart", "const { join, dirname } = require('path'); require(join(dirname(__filename), 'x'))", "path:x? | =1:43"},
	{"join of an unknown path", "function f(p) { require(p.join(__dirname, 'x')) }", "path:x? | =1:16"},
	{"join by TypeScript", "const path_1 = __importDefault(require('path')); require(path_1.default.join(__dirname, 'x'))", "path:x? | =1:49"},
	{"path.join mentioned", cjsPath + "app.set('views', path.join(__dirname, 'views'))", "~path:views?"},
	{"path.join nested", cjsPath + "use(path.resolve(path.join(__dirname, 'a'), 'b.js'))", "~path:a/b.js?"},
	{"path.join with a variable", cjsPath + "use(path.join(__dirname, x))", ""},
	{"path.join upward only", cjsPath + "use(path.join(__dirname, '..'))", ""},
	{"dirname plus mentioned", "use(__dirname + '/x.txt')", "~path:x.txt?"},
	{"dirname template mentioned", "use(`${__dirname}/x.txt`)", "~path:x.txt?"},
	{"dirname plus beside", "use(__dirname + 'x')", ""},
	{"dirname of ESM", esmDirname + "path.join(__dirname, 'x.js')", "~path:x.js?"},
	{"dirname of ESM, imported", esmDirname + "await import(path.join(__dirname, 'x.js'))", "path:x.js | =3:6"},
	{"dirname of ESM by URL", "import { fileURLToPath as f } from 'url'; const d = f(new URL('.', import.meta.url)); use(d + 'x.js')", "~path:x.js?"},
	{"dirname in a variable", cjsPath + "const root = path.join(__dirname, '..'); use(path.join(root, 'x.js'))", "~path:../x.js?"},
	{"dirname in a function", cjsPath + "const f = (...a) => path.join(__dirname, ...a)", ""},
	{"dirname or import.meta", "import path from 'path'; import {fileURLToPath} from 'url'; const d = typeof __dirname !== 'undefined' ? __dirname : path.dirname(fileURLToPath(import.meta.url)); use(path.join(d, 'x.js'))", "~path:x.js?"},
	{"dirname as a parameter", "(function (exports, __dirname) { require(__dirname + '/x') })", ""},
	{"filename", cjsPath + "require(path.join(__filename, '..', 'x'))", "path:x? | =2:0"},
	{"import.meta.dirname", "use(import.meta.dirname + '/x.js')", "~path:x.js?"},
	{"import.meta.filename", "import { dirname } from 'path'; use(dirname(import.meta.filename) + '/x.js')", "~path:x.js?"},
	{"cwd", cjsPath + "require(path.join(process.cwd(), 'x'))", ""},
	{"constant that esbuild takes for a pattern", "const p = 'x'; require('./l/' + p)", "require:./l/x | =1:15 | =1:23"},
	{"conditional path", cjsPath + "require(path.join(__dirname, dev ? 'a' : 'b'))", "path:a? | path:b? | =2:0"},

	// Patterns.
	{"glob", "require('./l/' + name + '.js')", "glob:l/*.js? | !require require('./l/' + name + '.js') | =1:8"},
	{"glob of a template", "require(`./l/${name}`)", "glob:l/*? | !require require(`./l/${name}`) | =1:8"},
	{"glob upward", "require('../l-' + name)", "glob:../l-*? | !require require('../l-' + name) | =1:8"},
	{"glob of all", "require('./' + name)", "!require require('./' + name) | =1:8"},
	{"glob of an expression", "require('./l/' + a * b)", "!require require('./l/' + a * b) | =1:8"},
	{"glob in parentheses", "require(('./l/' + a))", "glob:l/*? | !require require(('./l/' + a))"},
	{"glob in a condition", "require(c ? './a' : './l/' + a)", "require:./a | glob:l/*? | !require require(c ? './a' : './l/' + a) | =1:20"},
	{"glob, constant", "require('./l/' + 'a')", "require:./l/a | =1:0 | =1:8"},
	{"glob of a package", "require('p/' + a)", ""},
	{"glob, resolved", "require.resolve('./l/' + a + '/index')", "glob:l/*/index? | !require require.resolve('./l/' + a + '/index') | =1:16"},
	{"glob, imported", "import(`./l/${a}.mjs`)", "glob:l/*.mjs | !import import(`./l/${a}.mjs`) | =1:7"},
	{"glob, imported with a query", "import(`./a.mjs?t=${t}`)", "path:a.mjs | !import import(`./a.mjs?t=${t}`) | =1:7"},
	{"glob by import.meta.resolve", "import.meta.resolve('./l/' + a + '.mjs')", "glob:l/*.mjs | !import import.meta.resolve('./l/' + a + '.mjs') | =1:20"},
	{"glob of a variable", "const d = './l/'; require(d + a)", "glob:l/*? | !require require(d + a)"},
	{"glob of another folder", "const q = require('module').createRequire(__dirname + '/p/x.js'); q('./l/' + a)", "glob:p/l/*? | !require q('./l/' + a)"},
	{"glob of dirname", "require(__dirname + '/l/' + a)", "glob:l/*?"},
	{"glob of dirname, all", "require(__dirname + '/' + a)", ""},
	{"glob of dirname, any name", "require(__dirname + a)", ""},
	{"glob of dirname, ending", "require(`${__dirname}/${a}.js`)", "glob:*.js?"},
	{"glob of path.join", cjsPath + "require(path.join(__dirname, 'l', a))", "glob:l/*?"},
	{"glob of path.join, upward", cjsPath + "require(path.join(__dirname, '..', a))", ""},
	{"glob of path.join, two", cjsPath + "require(path.join(__dirname, 'l', a, 'x-' + b + '.js'))", "glob:l/*/x-*.js?"},
	{"glob of path.join, list", cjsPath + "require(path.join(__dirname, 'l', ...a))", "glob:l/*?"},
	{"glob mentioned", cjsPath + "const f = path.resolve(__dirname, '../', 'l', `${a}.js`); use(f)", "~glob:../l/*.js?"},
	{"glob mentioned, then imported", cjsPath + "import { pathToFileURL as u } from 'url'; let f; try { f = g() } catch { f = path.resolve(__dirname, '../', 'l', `${a}.js`) } import(u(f).href)", "glob:../l/*.js"},
	{"glob or constant", cjsPath + "require(path.join(__dirname, 'l', a || 'b.js'))", "glob:l/*? | path:l/b.js?"},
	{"glob of dirname's parent", cjsPath + "use(path.join(path.dirname(__dirname), 'l', a))", "~glob:../l/*?"},
	{"glob of new URL", "import(new URL(`./l/${a}.mjs`, import.meta.url))", "glob:l/*.mjs"},
	{"glob of new URL, href", "import(new URL(`./l/${a}.mjs`, import.meta.url).href)", "glob:l/*.mjs"},
	{"glob of new URL, query", "import(new URL(`./a.mjs?t=${t}`, import.meta.url))", "path:a.mjs"},
	{"glob of new URL, any name", "use(new URL(a, import.meta.url))", ""},
	{"glob of Worker", esmWork + "new Worker(new URL(`./w/${a}.js`, import.meta.url))", "glob:w/*.js? | !Worker new Worker(new URL(`./w/${a}.js`, import.meta.url))"},
	{"glob of dlopen", "process.dlopen(m, `${__dirname}/build/${a}.node`)", "glob:build/*.node | !dlopen process.dlopen(m, `${__dirname}/build/${a}.node`)"},

	// import with options.
	{"import options", "import('./a.mjs', {})", "import:./a.mjs | =1:0 | =1:18 | =1:19"},
	{"import options of a variable", "import('./a.json', o)", "import:./a.json | =1:0 | =1:19"},
	{"import options, computed", "import(a, o)", "!import import(a, o) | =1:10"},

	// register.
	{"register", "import { register } from 'node:module'; register('./l.mjs', import.meta.url)", "import:./l.mjs"},
	{"register renamed", "import { register as r } from 'node:module'; r('p/l', import.meta.url)", "import:p/l"},
	{"register of a URL", "import module from 'node:module'; module.register(new URL('./l.mjs', import.meta.url))", "path:l.mjs"},
	{"register, CommonJS", "require('module').register('./l.mjs', require('url').pathToFileURL(__filename))", "import:./l.mjs"},
	{"register elsewhere", "import { register } from 'module'; register('./l.mjs', new URL('./b/', import.meta.url))", "path:b/l.mjs"},
	{"register a package elsewhere", "import { register } from 'module'; register('p', new URL('./b/', import.meta.url))", "require:p<b"},
	{"register for the working folder", "import { register } from 'module'; import { pathToFileURL } from 'url'; register('p', pathToFileURL('./'))", "import:p"},
	{"register with options", "import { register } from 'module'; register('./l.mjs', { parentURL: import.meta.url, data: 1 })", "import:./l.mjs"},
	{"register by an unknown parent", "import { register } from 'module'; register('./l.mjs', a)", "import:./l.mjs | cwd:./l.mjs | !register register('./l.mjs', a)"},
	{"register, computed", "import { register } from 'module'; register(a, import.meta.url)", "!register register(a, import.meta.url)"},
	{"register of nothing", "import { register } from 'module'; register('', import.meta.url); register()", ""},
	{"register of something else", "use(import.meta.url); app.register(a)", ""},

	// URLs.
	{"new URL", "use(new URL('./x.js', import.meta.url))", "~path:x.js?"},
	{"new URL upward", "use(new URL('../a/x.js?v=1#h', import.meta.url).href)", "~path:../a/x.js?"},
	{"new URL with percent", "use(new URL('./a%20b.js', import.meta.url))", "~path:a b.js?"},
	{"new URL, imported", "await import(new URL('./x.js', import.meta.url))", "path:x.js | =1:6"},
	{"new URL to a path", "import {fileURLToPath} from 'url'; use(fileURLToPath(new URL('./x.js', import.meta.url)))", "~path:x.js?"},
	{"new URL pathname", "use(new URL('./x.js', import.meta.url).pathname)", "~path:x.js?"},
	{"new URL of a variable", "use(new URL(x, import.meta.url))", ""},
	{"new URL elsewhere", "use(new URL('./x', 'https://example.org'))", ""},
	{"new URL of the module", "use(new URL(import.meta.url))", ""},
	{"new URL of a URL", "const base = new URL('./lib/', import.meta.url); use(new URL('x.js', base))", "~path:lib? | ~path:lib/x.js?"},
	{"file: and dirname", "import('file://' + __dirname + '/x.js')", "path:x.js | =1:0"},

	// Workers.
	{"Worker", esmWork + "new Worker('./w.js')", "cwd:./w.js?"},
	{"Worker of URL", esmWork + "new Worker(new URL('./w.js', import.meta.url), { type: 'module' })", "path:w.js?"},
	{"Worker of a variable", esmWork + "const u = new URL('./w.js', import.meta.url); new Worker(u)", "path:w.js?"},
	{"Worker, computed", esmWork + "new Worker(x)", "!Worker new Worker(x)"},
	{"Worker of itself", esmWork + "new Worker(new URL(import.meta.url)); new Worker(import.meta.filename)", ""},
	{"Worker of text", esmWork + "new Worker('1 + 1', { eval: true }); new Worker(code, { env: {}, eval: true })", ""},
	{"Worker of data", esmWork + "new Worker(new URL('data:text/javascript,1'))", ""},
	{"Worker renamed", "const { Worker: W } = require('worker_threads'); new W(__dirname + '/w.js')", "path:w.js?"},
	{"Worker of namespace", "const wt = require('node:worker_threads'); new wt.Worker(__filename); new wt.Worker(x)", "!Worker new wt.Worker(x)"},
	{"Worker inline", "new (require('worker_threads').Worker)(__dirname + '/w.js')", "path:w.js?"},
	{"Worker of resolve", "const { Worker } = require('worker_threads'); new Worker(require.resolve('./w'))", "require:./w"},
	{"Worker of a browser", "new Worker(new URL('./w.js', import.meta.url)); new Worker(x)", "path:w.js?"},
	{"Worker extended", esmWork + "class P extends Worker { constructor(f) { super(new URL('./w.js', import.meta.url)); } }", "path:w.js?"},
	{"Worker extended, computed", esmWork + "class P extends Worker { constructor(f) { super(f) } }", "!Worker super(f)"},
	{"Worker in a condition", esmWork + "new Worker(ts ? './a.ts' : './a.js')", "cwd:./a.js? | cwd:./a.ts?"},

	// Processes.
	{"fork", cjsFork + "cp.fork('./c.js')", "cwd:./c.js?"},
	{"fork of a path", cjsFork + "cp.fork(__dirname + '/c', [], {})", "path:c?"},
	{"fork with options", cjsFork + "cp.fork(__dirname + '/c', [], { execArgv: ['--import', __dirname + '/p.mjs'] })", "path:c? | ~path:p.mjs?"},
	{"fork, computed", cjsFork + "cp.fork(x)", "!fork cp.fork(x)"},
	{"fork imported", "import { fork as f } from 'child_process'; f(new URL('./c.js', import.meta.url))", "path:c.js?"},
	{"fork taken apart", "const { fork } = require('child_process'); fork(require.resolve('./c'))", "require:./c"},
	{"fork of something else", "stream.fork(x); repo.fork('./x')", ""},
	{"fork, handed in", "require('child_process'); this.cp.fork('./c.js')", "~cwd:./c.js?"},
	{"cluster", "const cluster = require('cluster'); cluster.setupPrimary({ exec: __dirname + '/w.js', args: [] })", "path:w.js?"},
	{"cluster, computed", "import cluster from 'cluster'; cluster.setupMaster({ exec: x })", "!cluster cluster.setupMaster({ exec: x })"},
	{"cluster, options", "import cluster from 'cluster'; cluster.setupPrimary(o)", "!cluster cluster.setupPrimary(o)"},
	{"cluster, no exec", "import cluster from 'cluster'; cluster.setupPrimary({ silent: true }); cluster.fork()", ""},
	{"dlopen", "process.dlopen(module, __dirname + '/a.node')", "path:a.node"},
	{"dlopen resolved", "process.dlopen(m, require.resolve('./a.node'))", "require:./a.node"},
	{"dlopen, computed", "process.dlopen(module, x)", "!dlopen process.dlopen(module, x)"},

	// Syntax.
	{"BOM", "\ufeffconst r = module.require('./a')", "require:./a"},
	{"hashbang", "#!/usr/bin/env node 'x\nmodule.require('./a')", "require:./a"},
	{"HTML comments", "<!-- module.require('./a')\n--> module.require('./b')\nmodule.require('./c')", "require:./c"},
	{"invalid UTF-8", "// \xff\xfe\nmodule.require('./\xffa')", "require:./\xffa"},
	{"after a regular expression", "a = /['\"]/; module.require('./a')", "require:./a"},
	{"after a division", "a = b / c; module.require('./a') / d", "require:./a"},
	{"in a template", "`${`${module.require('./a')}`}`", "require:./a"},
	{"in a class", "class A { x = module.require('./a'); static { module.require('./b') } require() {} }", "require:./a | require:./b"},
	{"TypeScript's import", "import m = require('module'); m.createRequire(__filename)('./a')", "require:./a"},
	{"TypeScript's as", esmRequire + "(require as any)('./a'); const r: N.R<X> = require as any; r('./b')", "require:./a | require:./b"},
	{"TypeScript's <T>", esmRequire + "(<N.R>require)('./a'); const r = <any>require; r('./b'); require!('./c')", "require:./a | require:./b | require:./c"},
	{"unclosed", "module.require('./a'", "require:./a"},
	{"a long gap", "module.require(aaaaaaaaaaaaaaaaaaaa +\n  bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb + cccccccccccccccccc)",
		"!require module.require(aaaaaaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbbbbbbbb…"},
	{"minified", `var e=require("module").createRequire(__filename);function t(e){return e(1)}var n=e("./a");`, "require:./a"},
	{"bundle", `(()=>{var t={1:(e,t,r)=>{r(2)}};var n=require("worker_threads");(()=>{new n.Worker(require("path").join(__dirname,"w.js"))})()})();`, "path:w.js?"},
}

func TestScan(t *testing.T) {
	for _, tt := range scanTests {
		t.Run(tt.name, func(t *testing.T) {
			if got := format(scan([]byte(tt.src))); got != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.src, got, tt.want)
			}
		})
	}
}

// TestNeedsScan holds needsScan to its promise: a file in which scan finds
// something is never passed over.
func TestNeedsScan(t *testing.T) {
	for _, tt := range scanTests {
		if !passesPrefilter([]byte(tt.src)) && format(scan([]byte(tt.src))) != "" {
			t.Errorf("%s: passed over: %s", tt.name, tt.src)
		}
	}
	for _, src := range []string{
		"", "x", "const a = require('./a'), b = require(\"b\"); exports.c = require.resolve( 'c' )",
		"import a from './a'; export { b } from 'b'; const c = await import('./c'); import('d')",
		"_interopRequireDefault(a); webpackRequire(1); __webpack_require__(2); requires; required",
		"class MyWorker {} importance(x); const cp = require('child_process'); cp.spawn('x')",
	} {
		if passesPrefilter([]byte(src)) {
			t.Errorf("scanned for nothing: %s", src)
		}
	}
}

// TestScanPlaces checks bytes, lines and columns, which are those of esbuild.
func TestScanPlaces(t *testing.T) {
	src := "\ufeffa\r\nb\rc\u2028d\n é(module.require('./x')); const r = require; r('./y'); module.require(z)"
	r := scan([]byte(src))
	at := func(text string) Place {
		i := strings.Index(src, text)
		return Place{Start: i, End: i + len(text), Line: 5, Column: i - strings.Index(src, " é")}
	}
	want := []Place{at("module.require('./x')"), at("r('./y')"), at("module.require(z)"), at("require;")}
	want[3].End--
	got := []Place{r.Specifiers[0].Place, r.Specifiers[1].Place, r.Gaps[0].Place, r.Handled[0]}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// hostile are texts that repeat what could make a scanner slow.
var repeated = []string{
	"(", "[", "{", "`${", "a=>", "a=>{", "(a,", "f(", "?:", "a?b:", "/", "/[", "=/[", "'", "`", "\\", "\\u",
	"/*", "//", "<!--", "-->", "}", ")", "]", "){", "=>{", "a.", "a?.", "a||", "a+", "a,", "a=", "{a:", "[a,",
	"function a(", "class a{", "for(let a of b)", "if(a)", "var a=", "var a=a,", "let {a:", "import a from 'b';",
	"a=require;", "b=a;a=b;", "require(", "require(a+", "require('a'+", "require(a?'b':", "require(require,",
	"__dirname+", "__dirname,", "path.join(__dirname,", "path.join(path.join(", "`${__dirname}", "a=__dirname;",
	"createRequire(", "new ", "new Worker(", "new URL(", "await ", "typeof ", "(0,", "module.require(", "x.createRequire",
	"class extends Worker{super(", "a=require,", "const{a}=require;", "(x=>typeof require!=''?require:0)(", "eval('require')",
	"var a1=require;", "var require=1;", "require()", "//\r", "a()()", "a()().createRequire;", "${}",
	"class a extends Worker{}super();", "const{Worker:b}=require('worker_threads');class a extends b{}super();", "else ", "for(;;)", "try{}catch(a){}", "a!", "a:", "case a:", "async ", "#", "\u2028", "\xff",
}

// TestScanLinear holds the work to the length of the text, counted in steps.
func TestScanLinear(t *testing.T) {
	steps := func(text string, n int) int {
		src := []byte(strings.Repeat(text, n))
		var s scanner
		s.run(src)
		return s.steps()
	}
	for _, text := range repeated {
		small, large := steps(text, 500), steps(text, 4000)
		if large > 10*small+100000 {
			t.Errorf("%q: 8 times the text takes %d steps, not %d", text, large, small)
		}
	}
}

// chained is a text in which every variable has the value of the one before.
func chained(n int) []byte {
	var b bytes.Buffer
	b.WriteString("var a0 = require;")
	for i := range n {
		fmt.Fprintf(&b, "var a%d = a%d;", i+1, i)
	}
	fmt.Fprintf(&b, "a%d('./x')", n)
	return b.Bytes()
}

func TestScanChained(t *testing.T) {
	if got := format(scan(chained(10))); got != "require:./x | =1:9" {
		t.Errorf("a short chain: %s", got)
	}
	scan(chained(100000)) // does not overflow the stack
}

func FuzzScan(f *testing.F) {
	for _, tt := range scanTests {
		f.Add([]byte(tt.src))
	}
	for _, text := range repeated {
		f.Add([]byte(strings.Repeat(text, 3)))
	}
	for _, tt := range lexerTests {
		f.Add([]byte(tt.src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		r := scan(src)
		if !bytes.Equal(src, before) {
			t.Fatal("the text was changed")
		}
		if again := scan(src); !reflect.DeepEqual(r, again) {
			t.Fatalf("first %+v\nthen %+v", r, again)
		}
		check := func(p Place) {
			if p.Start < 0 || p.Start > p.End || p.End > len(src) || p.Line < 1 || p.Column < 0 || p.Column > p.Start {
				t.Fatalf("no place in %d bytes: %+v", len(src), p)
			}
		}
		for _, x := range r.Specifiers {
			check(x.Place)
			if x.Text == "" {
				t.Fatalf("a reference to nothing: %+v", x)
			}
		}
		for _, x := range r.Gaps {
			check(x.Place)
			if strings.ContainsAny(x.Text, "\n\r") || len(x.Text) > maxGapText+len("…")+len("\uFFFD")*maxGapText {
				t.Fatalf("text of a gap: %q", x.Text)
			}
		}
		for _, p := range r.Handled {
			check(p)
		}
		checkLexer(t, src)
	})
}

// benchText is a bundle of the given size: the modules of a program that uses
// what the scanner looks for now and then.
func benchText(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%d:(e,t,n)=>{\"use strict\";Object.defineProperty(t,\"__esModule\",{value:!0});var r=n(%d),o=/[/'\"]+/g,"+
			"i=`a${r.x(`${e}`)}b`;function s(e,t){return void 0===e&&(e={}),e.map((function(e){return e/2*t}))}t.default=s;"+
			"for(var a=0,c=e.length;a<c;a++){if(o.test(e[a]))continue;t[a]=r.default(e[a],{k:i,\"l-m\":[1,2.5e3,0xff]})}},\n", i, i+1)
		if i%50 == 0 {
			b.WriteString("9999:(e,t,n)=>{const p=require(\"path\");t.v=p.join(__dirname,\"views\",\"a\");require(t.name)},\n")
		}
	}
	return append([]byte("(()=>{var e={\n"), append(b.Bytes(), "}})();"...)...)
}

func BenchmarkScan(b *testing.B) {
	src := benchText(20 << 20)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		scan(src)
	}
}

func BenchmarkScanSmall(b *testing.B) {
	src := []byte(scanTests[16].src + strings.Repeat("exports.a = function (b) { return b + 1; };\n", 60))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		scan(src)
	}
}

func BenchmarkNeedsScan(b *testing.B) {
	src := bytes.ReplaceAll(benchText(1<<20), []byte("__dirname"), []byte("__filenam"))
	src = bytes.ReplaceAll(src, []byte("require(t.name)"), []byte("require('name')"))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if passesPrefilter(src) {
			b.Fatal("nothing to scan")
		}
	}
}
