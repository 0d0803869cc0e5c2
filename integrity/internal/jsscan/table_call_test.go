package jsscan

// callTests cover calls other than require: import with options, module.register, workers,
// processes and addons.
var callTests = []scanTest{
	// import with options.
	{"import options", "import('./a.mjs', {})", "import:./a.mjs | =1:0 | =1:18 | =1:19"},
	{"import options of a variable", "import('./a.json', o)", "import:./a.json | =1:0 | =1:19"},
	{"import options, computed", "import(a, o)", "!import import(a, o) | =1:10"},

	// register.
	{"register", "import { register } from 'node:module'; register('./l.mjs', import.meta.url)", "import:./l.mjs"},
	{"register renamed", "import { register as r } from 'node:module'; r('p/l', import.meta.url)", "import:p/l"},
	{"register of a URL", "import module from 'node:module'; module.register(new URL('./l.mjs', import.meta.url))", "file:l.mjs"},
	{"register, CommonJS", "require('module').register('./l.mjs', require('url').pathToFileURL(__filename))", "import:./l.mjs"},
	{"register elsewhere", "import { register } from 'module'; register('./l.mjs', new URL('./b/', import.meta.url))", "file:b/l.mjs"},
	{"register a package elsewhere", "import { register } from 'module'; register('p', new URL('./b/', import.meta.url))", "require:p<b"},
	{"register from the working directory", "import { register } from 'module'; import { pathToFileURL } from 'url'; register('p', pathToFileURL('./'))", "import:p"},
	{"register with options", "import { register } from 'module'; register('./l.mjs', { parentURL: import.meta.url, data: 1 })", "import:./l.mjs"},
	{"register with an unknown parent", "import { register } from 'module'; register('./l.mjs', a)", "import:./l.mjs | cwd:./l.mjs | !register register('./l.mjs', a)"},
	{"register, computed", "import { register } from 'module'; register(a, import.meta.url)", "!register register(a, import.meta.url)"},
	{"register of nothing", "import { register } from 'module'; register('', import.meta.url); register()", "!register register('', import.meta.url)"},
	{"another register", "use(import.meta.url); app.register(a)", ""},

	// Workers.
	{"Worker", esmWork + "new Worker('./w.js')", "cwd:./w.js?"},
	{"Worker of URL", esmWork + "new Worker(new URL('./w.js', import.meta.url), { type: 'module' })", "file:w.js?"},
	{"Worker of a variable", esmWork + "const u = new URL('./w.js', import.meta.url); new Worker(u)", "file:w.js?"},
	{"Worker, computed", esmWork + "new Worker(x)", "!Worker new Worker(x)"},
	{"Worker of itself", esmWork + "new Worker(new URL(import.meta.url)); new Worker(import.meta.filename)", ""},
	{"Worker with eval", esmWork + "new Worker('1 + 1', { eval: true }); new Worker(code, { env: {}, eval: true })", "!Worker new Worker(code, { env: {}, eval: true })"},
	{"Worker of data", esmWork + "new Worker(new URL('data:text/javascript,1'))", ""},
	{"Worker renamed", "const { Worker: W } = require('worker_threads'); new W(__dirname + '/w.js')", "file:w.js?"},
	{"Worker of namespace", "const wt = require('node:worker_threads'); new wt.Worker(__filename); new wt.Worker(x)", "!Worker new wt.Worker(x)"},
	{"Worker inline", "new (require('worker_threads').Worker)(__dirname + '/w.js')", "file:w.js?"},
	{"Worker of resolve", "const { Worker } = require('worker_threads'); new Worker(require.resolve('./w'))", "require:./w"},
	{"Worker of a browser", "new Worker(new URL('./w.js', import.meta.url)); new Worker(x)", "file:w.js?"},
	{"Worker extended", esmWork + "class P extends Worker { constructor(f) { super(new URL('./w.js', import.meta.url)); } }", "file:w.js?"},
	{"Worker extended, computed", esmWork + "class P extends Worker { constructor(f) { super(f) } }", "!Worker super(f)"},
	{"Worker in a condition", esmWork + "new Worker(ts ? './a.ts' : './a.js')", "cwd:./a.js? | cwd:./a.ts?"},

	// Processes.
	{"fork", cjsFork + "cp.fork('./c.js')", "cwd:./c.js?"},
	{"fork of a path", cjsFork + "cp.fork(__dirname + '/c', [], {})", "file:c?"},
	{"fork with options", cjsFork + "cp.fork(__dirname + '/c', [], { execArgv: ['--import', __dirname + '/p.mjs'] })", "file:c? | file:p.mjs"},
	{"fork, computed", cjsFork + "cp.fork(x)", "!fork cp.fork(x)"},
	{"fork imported", "import { fork as f } from 'child_process'; f(new URL('./c.js', import.meta.url))", "file:c.js?"},
	{"fork destructured", "const { fork } = require('child_process'); fork(require.resolve('./c'))", "require:./c"},
	{"another fork", "stream.fork(x); repo.fork('./x')", ""},
	{"fork, as a parameter", "require('child_process'); this.cp.fork('./c.js')", "~cwd:./c.js?"},
	{"cluster", "const cluster = require('cluster'); cluster.setupPrimary({ exec: __dirname + '/w.js', args: [] })", "file:w.js?"},
	{"cluster, computed", "import cluster from 'cluster'; cluster.setupMaster({ exec: x })", "!cluster cluster.setupMaster({ exec: x })"},
	{"cluster, options", "import cluster from 'cluster'; cluster.setupPrimary(o)", "!cluster cluster.setupPrimary(o)"},
	{"cluster, no exec", "import cluster from 'cluster'; cluster.setupPrimary({ silent: true }); cluster.fork()", ""},
	{"dlopen", "process.dlopen(module, __dirname + '/a.node')", "file:a.node"},
	{"dlopen resolved", "process.dlopen(m, require.resolve('./a.node'))", "require:./a.node"},
	{"dlopen, computed", "process.dlopen(module, x)", "!dlopen process.dlopen(module, x)"},
}

// syntaxTests cover sources that are hard to parse, and sources without loads.
var syntaxTests = []scanTest{
	// Nothing to be said.
	{"empty", "", ""},
	{"plain require", "const a = require('./a'); require.resolve('b')", ""},
	{"plain import", "import a from './a'; export * from 'b'; import('c')", ""},
	{"in a comment", "// require(__dirname + '/x')\n/* createRequire(import.meta.url)('x') */", ""},
	{"in a string", `"require(__dirname + '/x')"; '__dirname'`, ""},
	{"in a regular expression", "/require(__dirname + 'x')/", ""},
	{"computed require, reported by esbuild", "require(name)", ""},
	{"computed import, reported by esbuild", "import(name)", ""},
	{"require as a value, reported by esbuild", "foo(require)", ""},
	{"a property of that name", "a.require('x'); a.__dirname + '/x'; ({require: 1, __dirname: 2})", ""},
	{"typeof require", "typeof require === 'function' && 1", "=1:7"},
	{"require.main", "if (require.main === module) {}", ""},
	{"require.cache", "delete require.cache[k]", ""},
	{"a parameter called require", "(function (require, module) { require(1); require(x) })", ""},
	{"define with require", "define(function (require) { require('./x') })", ""},

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
	{"bundle", `(()=>{var t={1:(e,t,r)=>{r(2)}};var n=require("worker_threads");(()=>{new n.Worker(require("path").join(__dirname,"w.js"))})()})();`, "file:w.js?"},
}
