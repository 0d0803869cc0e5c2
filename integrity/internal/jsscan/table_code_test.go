package jsscan

// codeTests cover code in strings, and functions of Node's that the scanner follows no further.
var codeTests = []scanTest{
	// eval.
	{"eval of a call", `eval("require('./x')")`, `!eval eval("require('./x')")`},
	{"eval of an import", `(0, eval)("import('./x')")`, `!eval (0, eval)("import('./x')")`},
	{"eval, computed", "eval(code)", "!eval eval(code)"},
	{"eval of module", "eval('module').require('./x')", "require:./x"},
	{"eval of require, computed", "eval('quire'.replace(/^/, 're'))('./x')", "!eval eval('quire'.replace(/^/, 're'))"},
	{"eval by globalThis", "globalThis.eval(code)", "!eval globalThis.eval(code)"},
	{"eval by another name", "const e = eval; e(code)", "!eval e(code)"},
	{"eval by call", "eval.call(null, code)", "!eval eval.call(null, code)"},
	{"another eval", "redis.eval(code); eval('1 + 1'); function f(eval) { eval(code) }", ""},
	// Function.
	{"Function that imports", `new Function("return import('./x')")()`, `!Function new Function("return import('./x')")`},
	{"Function that imports its parameter", `Function("a", "return import(a)")`, `!Function Function("a", "return import(a)")`},
	{"Function, partly known", "new Function('a', 'import(' + b + ')')", "!Function new Function('a', 'import(' + b + ')')"},
	{"another Function", "Function('return this')(); new Function(code); /* import */", ""},
	// Modules and scripts.
	{"compile", "module._compile(code, __filename)", "!load module._compile(code, __filename)"},
	{"compile of a new module", "const M = require('module'); const m = new M(a); m._compile(\"require('./b')\", a)", "!load m._compile(\"require('./b')\", a)"},
	{"compile in a hook", "require.extensions['.ts'] = (m, f) => m._compile(transform(f), f)", ""},
	{"a script that imports", "new vm.Script(a, { importModuleDynamically: f })", "!import importModuleDynamically"},
	{"a script that imports, shorthand", "new vm.Script(a, { importModuleDynamically })", "!import importModuleDynamically"},
	{"a script that imports, method", "new vm.Script(a, { importModuleDynamically(s) {} })", "!import importModuleDynamically"},
	// Programs that start node, and node without a file.
	{"node in a shell", cjsFork + "cp.spawn('sh', ['-c', 'node x.js'])", "!spawn cp.spawn('sh', ['-c', 'node x.js'])"},
	{"node by env", cjsFork + "cp.execFile('/usr/bin/env', ['node', './x.js'])", "!spawn cp.execFile('/usr/bin/env', ['node', './x.js'])"},
	{"a command line of node", cjsFork + "cp.spawnSync('node x.js', { shell: true })", "!spawn cp.spawnSync('node x.js', { shell: true })"},
	{"node without a file", cjsFork + "cp.spawnSync('node', { input: code })", "!spawn cp.spawnSync('node', { input: code })"},
	{"node that reads code", cjsFork + "cp.spawnSync('node', ['-'], { input: code })", "!spawn cp.spawnSync('node', ['-'], { input: code })"},
	{"node with a condition", cjsFork + "cp.spawnSync('node', ['-C', 'a', 'x.js'])", "cwd:x.js? | !spawn cp.spawnSync('node', ['-C', 'a', 'x.js'])"},
	{"a program by its path", cjsFork + "cp.spawn('./bin/tool'); cp.spawn('git', ['log']); cp.spawn('/bin/ls')", "~cwd:./bin/tool"},
	// require in a larger expression that is called.
	{"a called condition", "(a ? require : 0)('./x')", "require:./x | =1:5"},
	{"a called choice", "(null ?? require)('./x'); (a && require)('./y')", "require:./x | require:./y | =1:9 | =1:32"},
	{"a called assignment", "(r = require)('./x')", "require:./x | =1:5"},
	// Members whose names are not known.
	{"a member of module", "module[k]('./x')", "~require:./x | !require module[k]('./x')"},
	{"a member of node:module", "import m from 'module'; m[k](import.meta.url)('./x')", "require:./x"},
	{"a member of the prototype", "module.__proto__.require.call(module, './x')", "~require:./x | !require module.__proto__.require.call(module, './x')"},
	{"a member of the found prototype", "Object.getPrototypeOf(module).require.call(module, './x')", "!require Object.getPrototypeOf(module).require.call(module, './x')"},
	// createRequire as a value.
	{"createRequire in an object", "import { createRequire } from 'module'; const o = { c: createRequire }; o.c(import.meta.url)('./x')", "!createRequire createRequire"},
	{"createRequire in a list", "import { createRequire } from 'module'; const [c] = [createRequire]; c(import.meta.url)('./x')", "!createRequire createRequire"},
	{"createRequire passed on", "import { createRequire } from 'module'; use(createRequire)", "!createRequire createRequire"},
	{"createRequire exported by another name", "export { createRequire as c } from 'module'", "!createRequire export { createRequire as c } from 'module'"},
	{"createRequire of a nested pattern", "const { default: { createRequire: c } } = await import('module'); c(import.meta.url)('./x')", "!createRequire { default: { createRequire: c } }"},
	{"createRequire of a pattern after then", "import('module').then(({ createRequire: c }) => c(import.meta.url)('./x'))", "!createRequire { createRequire: c }"},
	{"createRequire of a parameter after then", "import('module').then(m => { const { createRequire: c } = m; c(import.meta.url)('./x') })", "require:./x"},
}
