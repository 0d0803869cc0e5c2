// WebAssembly: bytes have to be those of a pinned file, or to stand in one.
'use strict';

const {
  Bytes, SafeSet, apply, bytesFrom, charAt, charCodeAt, construct, copyOf, create, digestOf, indexOf, isView, setAdd, setHas, slice, startsWith,
  syncBuiltinESMExports, utf8Slice, wasm,
} = require('./primordials.cjs');
const { allowed, isPinnedSomewhere, matches, metadataOf, recordOf, relative } = require('./image.cjs');
const { read, realOf } = require('./files.cjs');
const { replace, replaceConstructor } = require('./patch.cjs');
const { pathOf } = require('./urls.cjs');
const { verifiedFiles } = require('./verify.cjs');
const { stack, violation } = require('./violations.cjs');

// checkWasm returns a copy of the bytes, which the program cannot change any more.
function checkWasm(source) {
  const bytes = copyOf(source);
  if (allowed.wasm || isKnownToCaller(bytes) || isPinnedSomewhere(bytes) || isEmbedded(bytes)) return bytes;
  violation({
    __proto__: null, code: 'wasm', detail: 'WebAssembly that is in no pinned file', got: metadataOf(-1, bytes),
    hint: 'if pinned code makes it at run time, start the program with --allow wasm',
  });
  return bytes;
}

// isKnownToCaller reports whether the caller is a module of Node (fetch and the
// stripping of types are WebAssembly), or a module that holds the bytes. To search
// all modules that were loaded takes a tenth of a second.
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
const embedded = new SafeSet(); // digests of what was found, in hexadecimal
let searched = 0;
function isEmbedded(bytes) {
  const wanted = digestOf('sha256', bytes, 'hex');
  while (!setHas(embedded, wanted) && searched < verifiedFiles.count) search(verifiedFiles.paths[searched++]);
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
// with comments between. It returns undefined for any other list.
function bytesOfList(text, at) {
  const numbers = create(null);
  let count = 0;
  for (;;) {
    at = skipSpace(text, at);
    const begin = at;
    let n = 0;
    for (let c = charCodeAt(text, at); c >= 48 && c <= 57 && n < 256; c = charCodeAt(text, ++at)) n = 10 * n + c - 48;
    if (at === begin || n > 255) break;
    if (count < 4 && n !== magicNumbers[count]) return undefined;
    numbers[count++] = n;
    at = skipSpace(text, at);
    if (charAt(text, at) !== ',') break;
    at++;
  }
  if (count < 8 || charAt(text, at) !== ']') return undefined;
  const bytes = new Bytes(count);
  for (let i = 0; i < count; i++) bytes[i] = numbers[i];
  return bytes;
}

// skipSpace returns the next index that is no white space and no comment.
function skipSpace(text, at) {
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
  if (wasm === undefined) return;
  const { compile, instantiate, compileStreaming } = wasm;
  replaceConstructor(wasm, 'Module', {
    __proto__: null,
    construct: (target, args, newTarget) => construct(target, [checkWasm(args[0]), args[1]], newTarget),
  });
  replace(wasm, 'compile', async function (source, options) { return apply(compile, wasm, [checkWasm(source), options]); });
  replace(wasm, 'instantiate', async function (source, imports, options) {
    const isModule = typeof source === 'object' && source !== null && !isView(source) && isWasmModule(source);
    return apply(instantiate, wasm, [isModule ? source : checkWasm(source), imports, options]);
  });
  const bytesOf = async (source) => {
    const response = await source;
    return checkWasm(await response.arrayBuffer()); // eslint-disable-line preload/primordials -- whatever it returns is copied and checked
  };
  if (compileStreaming !== undefined) {
    replace(wasm, 'compileStreaming', async function (source, options) { return apply(compile, wasm, [await bytesOf(source), options]); });
    replace(wasm, 'instantiateStreaming', async function (source, imports, options) { return apply(instantiate, wasm, [await bytesOf(source), imports, options]); });
  }
}

const moduleExports = wasm?.Module.exports;
function isWasmModule(value) {
  try {
    moduleExports(value); // throws for all but a WebAssembly.Module
    return true;
  } catch {
    return false;
  }
}

// guardContexts patches node:vm: a context has a WebAssembly of its own, so it gets none.
function guardContexts(exports) {
  if (allowed.wasm) return;
  const { createContext, runInNewContext } = exports;
  replace(exports, 'createContext', function (object, options) {
    return apply(createContext, this, [object, withoutWasm(options, 'codeGeneration')]);
  });
  replace(exports, 'runInNewContext', function (code, object, options) {
    if (typeof options === 'string') options = { __proto__: null, filename: options };
    return apply(runInNewContext, this, [code, object, withoutWasm(options, 'contextCodeGeneration')]);
  });
  const inNewContext = exports.Script.prototype.runInNewContext;
  replace(exports.Script.prototype, 'runInNewContext', function (object, options) {
    return apply(inNewContext, this, [object, withoutWasm(options, 'contextCodeGeneration')]);
  });
  syncBuiltinESMExports();
}

function withoutWasm(options, name) {
  return { __proto__: null, ...options, [name]: { __proto__: null, ...options?.[name], wasm: false } };
}

module.exports = { __proto__: null, enforceWasm, guardContexts };
