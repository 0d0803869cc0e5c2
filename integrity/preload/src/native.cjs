// Code that is no module: addons, WebAssembly, extensions of SQLite, foreign
// libraries, the inspector, and Node's own bindings.

const dlopenNative = process_.dlopen;

function dlopen(module, filename, ...flags) {
  checkNative(filename);
  return apply(dlopenNative, this, [module, filename, ...flags]);
}

// checkNative checks the file that the system is about to load. The system reads
// it again by itself, so that here, unlike for modules, a change between the two
// is not seen. A bare name is looked for in the system's folders, and an object
// may be another name each time it is asked.
function checkNative(filename) {
  if (typeof filename !== 'string' || indexOf(filename, separator) < 0) {
    violation({ __proto__: null, code: 'native', detail: 'machine code whose name is no path: ' + stringifyJSON(typeof filename === 'string' ? filename : typeof filename) });
    return;
  }
  const real = realOf(absolute(startsWith(filename, '\\\\?\\') ? slice(filename, 4) : filename));
  const below = relative(real);
  if (below !== undefined && recordOf(below) >= 0) {
    verified(real);
    return;
  }
  const bytes = read(real);
  if (bytes === undefined) return; // the system says that it is not there
  violation({ __proto__: null, code: 'native', path: real, detail: 'machine code that is not in the map', got: metadataOf(-1, bytes) });
}

function checkWasm(source) {
  const bytes = copyOf(source);
  if (allowed.wasm || isKnownToCaller(bytes) || isPinnedSomewhere(bytes) || isEmbedded(bytes)) return bytes;
  violation({
    __proto__: null, code: 'wasm', detail: 'WebAssembly that is in no pinned file', got: metadataOf(-1, bytes),
    hint: 'if pinned code makes it at run time, start it with --allow wasm',
  });
  return bytes;
}

// isKnownToCaller reports whether a module of Node itself asks (fetch and the
// stripping of types are WebAssembly), or one that holds the bytes: to look into
// all that were loaded takes a tenth of a second.
function isKnownToCaller(bytes) {
  const frames = stack();
  for (let i = 0; i < frames.length; i++) {
    const name = frames[i].scriptName;
    if (name === '' || name === undefined) continue;
    if (startsWith(name, 'node:')) return true;
    const path = pathOf(name);
    if (path === undefined) return false;
    search(path);
    return setHas(embedded, digestOf('sha256', bytes, 'hex'));
  }
  return false;
}

// isEmbedded looks for the bytes in the text of the modules that were loaded, in
// base64 or as a list of numbers, where many packages keep their WebAssembly.
const embedded = new SafeSet();
let searched = 0;
function isEmbedded(bytes) {
  const wanted = digestOf('sha256', bytes, 'hex');
  while (!setHas(embedded, wanted) && searched < loadedCount) search(loaded[searched++]);
  return setHas(embedded, wanted);
}

const magic = 'AGFzbQ'; // NUL a s m, in base64

function search(path) {
  const bytes = read(path);
  const at = recordOf(relative(realOf(path)) ?? '');
  if (bytes === undefined || at < 0 || !matches(at, bytes)) return;
  const text = utf8Slice(bytes, 0, bytes.length);
  for (let from = indexOf(text, magic); from >= 0; from = indexOf(text, magic, from + 1)) {
    let end = from;
    while (isBase64(charCodeAt(text, end))) end++;
    const decoded = bytesFrom(slice(text, from, end), 'base64');
    setAdd(embedded, digestOf('sha256', decoded, 'hex'));
  }
  for (let from = indexOf(text, '['); from >= 0; from = indexOf(text, '[', from + 1)) {
    const bytes = bytesOfList(text, from + 1);
    if (bytes !== undefined) setAdd(embedded, digestOf('sha256', bytes, 'hex'));
  }
}

const magicNumbers = [0, 97, 115, 109]; // NUL a s m

// bytesOfList reads a list of numbers as it stands in a source: [0, 97, 115, 109, ...],
// with comments between. It gives undefined for one of anything else.
function bytesOfList(text, at) {
  const numbers = create(null);
  let count = 0;
  for (;;) {
    at = behindBlank(text, at);
    const begin = at;
    let n = 0;
    for (let c = charCodeAt(text, at); c >= 48 && c <= 57 && n < 256; c = charCodeAt(text, ++at)) n = 10 * n + c - 48;
    if (at === begin || n > 255) break;
    if (count < 4 && n !== magicNumbers[count]) return undefined;
    numbers[count++] = n;
    at = behindBlank(text, at);
    if (charAt(text, at) !== ',') break;
    at++;
  }
  if (count < 8 || charAt(text, at) !== ']') return undefined;
  const bytes = new Bytes(count);
  for (let i = 0; i < count; i++) bytes[i] = numbers[i];
  return bytes;
}

// behindBlank gives the next place that is no white space and no comment.
function behindBlank(text, at) {
  for (;;) {
    const c = charCodeAt(text, at);
    const next = c === 47 ? charCodeAt(text, at + 1) : 0; // a slash
    if (c === 32 || (c >= 9 && c <= 13)) at++;
    else if (next === 47 || next === 42) {
      const end = next === 47 ? indexOf(text, '\n', at) : indexOf(text, '*/', at + 2);
      if (end < 0) return text.length;
      at = end + (next === 47 ? 1 : 2);
    } else return at;
  }
}

function isBase64(c) {
  return (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || (c >= 47 && c <= 57) || c === 43 || c === 61 || c === 45 || c === 95;
}

function enforceWasm() {
  const { Module: WasmModule, compile, instantiate, compileStreaming, instantiateStreaming } = wasm;
  const proxy = new SafeProxy(WasmModule, {
    __proto__: null,
    construct: (target, args, newTarget) => construct(target, [checkWasm(args[0]), args[1]], newTarget),
  });
  defineProperty(WasmModule.prototype, 'constructor', { __proto__: null, value: proxy, writable: true, configurable: true, enumerable: false });
  replace(wasm, 'Module', proxy);
  replace(wasm, 'compile', async function (source, options) { return apply(compile, wasm, [checkWasm(source), options]); });
  replace(wasm, 'instantiate', async function (source, imports, options) {
    const isModule = typeof source === 'object' && source !== null && !isView(source) && isWasmModule(source);
    return apply(instantiate, wasm, [isModule ? source : checkWasm(source), imports, options]);
  });
  const bytesOf = async (source) => {
    const response = await source;
    return checkWasm(await response.arrayBuffer());
  };
  if (compileStreaming !== undefined) {
    replace(wasm, 'compileStreaming', async function (source, options) { return apply(compile, wasm, [await bytesOf(source), options]); });
    replace(wasm, 'instantiateStreaming', async function (source, imports, options) { return apply(instantiate, wasm, [await bytesOf(source), imports, options]); });
  }
}

const moduleExports = wasm.Module.exports;
function isWasmModule(value) {
  try {
    moduleExports(value); // throws for all but a WebAssembly.Module
    return true;
  } catch {
    return false;
  }
}

// guardBuiltin closes a module of Node when the program first asks for it: some
// take milliseconds to load, and few programs want them.
const guarded = create(null);
function guardBuiltin(name) {
  if (guarded[name] !== undefined || guards[name] === undefined) return;
  if (config.mode === 'trace' && name !== 'worker_threads' && name !== 'child_process' && name !== 'cluster') return;
  guarded[name] = true;
  guards[name](builtin(name === 'sqlite' || name === 'ffi' || name === 'test' ? 'node:' + name : name));
}

const guards = {
  __proto__: null,
  worker_threads: guardWorkers,
  cluster: () => guardBuiltin('child_process'),
  child_process: guardChildren,
  crypto: (exports) => refuse(exports, 'setEngine', (id) => ({ __proto__: null, code: 'native', detail: 'crypto.setEngine() would load ' + stringifyJSON('' + id) })),
  inspector: guardInspector,
  'inspector/promises': guardInspector,
  vm: guardContexts,
  sqlite: (exports) => {
    const { loadExtension } = exports.DatabaseSync.prototype;
    replace(exports.DatabaseSync.prototype, 'loadExtension', function (path) {
      checkNative(path);
      return apply(loadExtension, this, arguments);
    });
  },
  ffi: (exports) => {
    const names = ownKeys(exports);
    for (let i = 0; i < names.length; i++) {
      if (typeof exports[names[i]] === 'function') guardLibrary(exports, names[i]);
    }
    Module.syncBuiltinESMExports();
  },
};

function getBuiltin(id) {
  const exports = builtin(id);
  if (exports !== undefined) guardBuiltin(startsWith(id, 'node:') ? slice(id, 5) : id);
  return exports;
}

// guardLibrary checks the library that a function of node:ffi opens, if it opens
// one: its first argument is then a path.
function guardLibrary(exports, name) {
  const old = exports[name];
  const check = (args) => {
    if (typeof args[0] === 'string') checkNative(args[0]);
    else if (args[0] === null && name === 'dlopen') violation({ __proto__: null, code: 'native', detail: 'node:ffi would open the program itself' });
  };
  if (name !== 'dlopen' && name !== 'DynamicLibrary') return;
  const proxy = new SafeProxy(old, {
    __proto__: null,
    apply: (target, self, args) => (check(args), apply(target, self, args)),
    construct: (target, args, newTarget) => (check(args), construct(target, args, newTarget)),
  });
  if (old.prototype !== undefined) defineProperty(old.prototype, 'constructor', { __proto__: null, value: proxy, configurable: true, writable: true, enumerable: false });
  replace(exports, name, proxy);
}

// guardContexts: a context of node:vm has a WebAssembly of its own. It gets none.
function guardContexts(exports) {
  if (allowed.wasm) return;
  const { createContext, runInNewContext } = exports;
  replace(exports, 'createContext', function (object, options) {
    return apply(createContext, this, [object, withoutWasm(options, 'codeGeneration')]);
  });
  replace(exports, 'runInNewContext', function (code, object, options) {
    if (typeof options === 'string') options = { filename: options };
    return apply(runInNewContext, this, [code, object, withoutWasm(options, 'contextCodeGeneration')]);
  });
  const inNewContext = exports.Script.prototype.runInNewContext;
  replace(exports.Script.prototype, 'runInNewContext', function (object, options) {
    return apply(inNewContext, this, [object, withoutWasm(options, 'contextCodeGeneration')]);
  });
  Module.syncBuiltinESMExports();
}

function withoutWasm(options, name) {
  return { ...options, [name]: { ...options?.[name], wasm: false } };
}

function guardInspector(exports) {
  if (allowed.inspector) return;
  const v = { __proto__: null, code: 'inspector', detail: 'the inspector would be opened, which can run any code', hint: 'if that is as it should be, start it with --allow inspector' };
  refuse(exports, 'open', () => v);
  refuse(exports.Session.prototype, 'connect', () => v);
  refuse(exports.Session.prototype, 'connectToMainThread', () => v);
  Module.syncBuiltinESMExports();
}

// bindings gives copies of Node's own bindings: the functions that Node calls
// are those of the objects themselves.
const bindingOf = process_.binding;
function binding(name) {
  if (name === 'inspector' && !allowed.inspector) {
    violation({ __proto__: null, code: 'inspector', detail: 'process.binding(\'inspector\') can run any code', hint: 'start it with --allow inspector' });
  }
  if (name === 'contextify' && !allowed.eval) {
    violation({ __proto__: null, code: 'eval', detail: 'process.binding(\'contextify\') compiles code from strings', hint: evalHint });
  }
  return assign({}, apply(bindingOf, process_, [name]));
}

function enforceNative() {
  replace(process_, 'dlopen', dlopen);
  if (bindingOf !== undefined) replace(process_, 'binding', binding);
  replace(process_, 'getBuiltinModule', getBuiltin);
  if (wasm !== undefined) enforceWasm();
  guardBuiltin('crypto');
}
