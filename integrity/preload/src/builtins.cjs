// Node's own modules and bindings, as far as code that is not pinned could run
// through them.
'use strict';

const { apply, assign, builtin, create, getPrototypeOf, process_, slice, startsWith, stringifyJSON, textOf } = require('./primordials.cjs');
const { allowed, config } = require('./image.cjs');
const { bindingOf, nodeBinding } = require('./bindings.cjs');
const { guardChildren } = require('./children.cjs');
const { enforceEngines, guardCrypto, guardCryptoBinding, guardTLS } = require('./engines.cjs');
const { whenLoaded } = require('./loaded.cjs');
const { guardFFI, guardSqlite } = require('./native.cjs');
const { refuse, replace, shareExports } = require('./patch.cjs');
const { guardSnapshots, useModule } = require('./powers.cjs');
const { guardV8 } = require('./v8flags.cjs');
const { clip, evalHint, transformHint, violation } = require('./violations.cjs');
const { guardContexts } = require('./wasm.cjs');
const { guardHooks, guardWorkers } = require('./workers.cjs');

// guardBuiltin is called when the program asks for a module of Node.
function guardBuiltin(name, asked) {
  useModule(name, asked);
  patchBuiltin(name);
}

// patchBuiltin patches a module of Node when the program first asks for it: some take
// milliseconds to load, and few programs use them.
const guarded = create(null);
function patchBuiltin(name) {
  if (guarded[name] !== undefined || guards[name] === undefined) return;
  if (config.mode === 'trace' && name !== 'worker_threads' && name !== 'child_process' && name !== 'cluster' && name !== 'v8') return;
  const guard = guards[name];
  const exports = builtin(name === 'sqlite' || name === 'ffi' || name === 'test' ? 'node:' + name : name);
  if (guarded[name]) return; // by whenLoaded
  guard(exports);
  guarded[name] = true; // not before: an exception, as of a full stack, must not leave it unguarded
}

const guards = {
  __proto__: null,
  worker_threads: guardWorkers,
  async_hooks: guardHooks,
  cluster: () => patchBuiltin('child_process'),
  child_process: guardChildren,
  crypto: guardCrypto,
  inspector: guardInspector,
  'inspector/promises': (exports) => {
    patchBuiltin('inspector'); // the classes of this module are subclasses of those
    guardInspector(exports);
  },
  repl: guardRepl,
  vm: guardContexts,
  test: guardTest,
  sqlite: guardSqlite,
  ffi: guardFFI,
  tls: guardTLS,
  _tls_common: guardTLS,
  v8: (exports) => {
    if (config.mode === 'enforce') guardV8(exports);
    guardSnapshots(exports);
  },
};

function guardInspector(exports) {
  if (allowed.inspector) return;
  const v = { __proto__: null, code: 'inspector', detail: 'the inspector would be opened, which can run any code', hint: 'if this is intended, start the program with --allow inspector' };
  refuse(exports, 'open', () => v);
  refuse(exports.Session.prototype, 'connect', () => v);
  refuse(exports.Session.prototype, 'connectToMainThread', () => v);
  shareExports();
}

// guardRepl makes Node's REPL work without the debugger, as in a Node without inspector. The REPL
// connects to it for previews and for the names of let and const, and its Session is an
// EventEmitter: the program could take it while it is connected. node:inspector and node:v8
// read hasInspector when they are loaded, so they are loaded before.
function guardRepl() {
  if (allowed.inspector || builtin('inspector') === undefined) return;
  patchBuiltin('inspector');
  builtin('v8');
  const facts = nodeBinding('config');
  replace(facts, 'hasInspector', false);
}

// guardTest refuses mock.module, which makes the text of a module of names that the
// program gives.
function guardTest(exports) {
  if (!allowed.transform) {
    const mocks = getPrototypeOf(exports.mock);
    refuse(mocks, 'module', (specifier) => ({
      __proto__: null, code: 'transform', detail: 'mock.module() would replace ' + stringifyJSON(clip(textOf(specifier))), hint: transformHint,
    }));
  }
}

// getBuiltin stands in for process.getBuiltinModule.
function getBuiltin(id) {
  const exports = builtin(id);
  if (exports !== undefined) guardBuiltin(startsWith(id, 'node:') ? slice(id, 5) : id);
  return exports;
}

// binding stands in for process.binding. It returns copies of Node's bindings: the
// functions that Node itself calls are those of the objects.
function binding(given) {
  const name = textOf(given);
  if (name === 'inspector' && !allowed.inspector) {
    violation({ __proto__: null, code: 'inspector', detail: 'process.binding(\'inspector\') can run any code', hint: 'start the program with --allow inspector' });
  }
  if (name === 'contextify' && !allowed.eval) {
    violation({ __proto__: null, code: 'eval', detail: 'process.binding(\'contextify\') compiles code from strings', hint: evalHint });
  }
  // eslint-disable-next-line preload/primordials -- the program gets it, and expects an ordinary object
  const copy = assign({}, apply(bindingOf, process_, [name]));
  if (name === 'v8') guardV8(copy);
  if (name === 'crypto') guardCryptoBinding(copy); // Node 22 has it
  if (name === 'contextify' && !allowed.wasm) {
    refuse(copy, 'makeContext', () => ({ __proto__: null, code: 'wasm', detail: 'process.binding(\'contextify\') makes a context with a WebAssembly of its own' }));
  }
  return copy;
}

function enforceBuiltins() {
  replace(process_, 'getBuiltinModule', getBuiltin);
  if (bindingOf !== undefined) replace(process_, 'binding', binding);
  whenLoaded('crypto', () => patchBuiltin('crypto'));
  // A REPL on the terminal is Node's own: the program does not ask for its module.
  whenLoaded('inspector', () => patchBuiltin('inspector'));
  whenLoaded('repl', () => patchBuiltin('repl'));
  patchBuiltin('vm');
  enforceEngines();
}

module.exports = { __proto__: null, enforceBuiltins, getBuiltin, guardBuiltin };
