// Node's own modules and bindings, as far as code that is not pinned could run
// through them.
'use strict';

const { apply, assign, builtin, create, process_, slice, startsWith, stringifyJSON, syncBuiltinESMExports } = require('./primordials.cjs');
const { allowed, config } = require('./image.cjs');
const { bindingOf, guardChildren, guardWorkers } = require('./children.cjs');
const { guardFFI, guardSqlite } = require('./native.cjs');
const { refuse, replace } = require('./patch.cjs');
const { guardV8, useModule } = require('./powers.cjs');
const { evalHint, violation } = require('./violations.cjs');
const { guardContexts } = require('./wasm.cjs');

// guardBuiltin patches a module of Node when the program first asks for it: some take
// milliseconds to load, and few programs use them.
const guarded = create(null);
function guardBuiltin(name, asked) {
  useModule(name, asked);
  if (guarded[name] !== undefined || guards[name] === undefined) return;
  if (config.mode === 'trace' && name !== 'worker_threads' && name !== 'child_process' && name !== 'cluster' && name !== 'v8') return;
  guarded[name] = true;
  const guard = guards[name];
  guard(builtin(name === 'sqlite' || name === 'ffi' || name === 'test' ? 'node:' + name : name));
}

const guards = {
  __proto__: null,
  worker_threads: guardWorkers,
  cluster: () => guardBuiltin('child_process'),
  child_process: guardChildren,
  crypto: guardCrypto,
  inspector: guardInspector,
  'inspector/promises': guardInspector,
  vm: guardContexts,
  sqlite: guardSqlite,
  ffi: guardFFI,
  v8: guardV8,
};

function guardCrypto(exports) {
  refuse(exports, 'setEngine', (id) => ({ __proto__: null, code: 'native', detail: 'crypto.setEngine() would load ' + stringifyJSON('' + id) }));
}

function guardInspector(exports) {
  if (allowed.inspector) return;
  const v = { __proto__: null, code: 'inspector', detail: 'the inspector would be opened, which can run any code', hint: 'if this is intended, start the program with --allow inspector' };
  refuse(exports, 'open', () => v);
  refuse(exports.Session.prototype, 'connect', () => v);
  refuse(exports.Session.prototype, 'connectToMainThread', () => v);
  syncBuiltinESMExports();
}

// getBuiltin stands in for process.getBuiltinModule.
function getBuiltin(id) {
  const exports = builtin(id);
  if (exports !== undefined) guardBuiltin(startsWith(id, 'node:') ? slice(id, 5) : id);
  return exports;
}

// binding stands in for process.binding. It returns copies of Node's bindings: the
// functions that Node itself calls are those of the objects.
function binding(name) {
  if (name === 'inspector' && !allowed.inspector) {
    violation({ __proto__: null, code: 'inspector', detail: 'process.binding(\'inspector\') can run any code', hint: 'start the program with --allow inspector' });
  }
  if (name === 'contextify' && !allowed.eval) {
    violation({ __proto__: null, code: 'eval', detail: 'process.binding(\'contextify\') compiles code from strings', hint: evalHint });
  }
  // eslint-disable-next-line preload/primordials -- the program gets it, and expects an ordinary object
  return assign({}, apply(bindingOf, process_, [name]));
}

function enforceBuiltins() {
  replace(process_, 'getBuiltinModule', getBuiltin);
  if (bindingOf !== undefined) replace(process_, 'binding', binding);
  guardBuiltin('crypto');
}

module.exports = { __proto__: null, enforceBuiltins, getBuiltin, guardBuiltin };
