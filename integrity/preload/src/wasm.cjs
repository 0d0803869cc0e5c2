// WebAssembly: the bytes must be those of a pinned file, be contained in one, or be those
// of a module of Node, for every caller.
'use strict';

const {
  SafeError, SafeSet, apply, construct, copyOf, create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, globalThis_, isFrozen, isView, ownKeys, setAdd, setHas, utf8Slice, wasm,
} = require('./primordials.cjs');
const { digestOf } = require('./digest.cjs');
const { allowed, isPinnedSomewhere, matches, metadataOf, recordOf, relative } = require('./image.cjs');
const { checkedOptions, guardBytecode } = require('./bytecode.cjs');
const { read, realOf } = require('./files.cjs');
const { needleOf, hasWasm, holds } = require('./embedded.cjs');
const { holdsNode } = require('./nodewasm.cjs');
const { replace, replaceConstructor, shareExports } = require('./patch.cjs');
const { pathOf } = require('./urls.cjs');
const { verifiedFiles } = require('./verify.cjs');
const { stack, violation } = require('./violations.cjs');

// checkWasm returns a copy of the bytes, which the program cannot change any more.
function checkWasm(source) {
  const bytes = copyOf(source);
  if (allowed.wasm || isPinnedSomewhere(bytes)) return bytes;
  const digest = digestOf('sha256', bytes, 'hex');
  if (setHas(known, digest) || isEmbedded(needleOf(bytes))) {
    setAdd(known, digest);
    return bytes;
  }
  violation({
    __proto__: null, code: 'wasm', detail: 'WebAssembly that is in no pinned file', got: metadataOf(-1, bytes),
    hint: 'if pinned code makes it at run time, start the program with --allow wasm',
  });
  return bytes;
}

const known = new SafeSet(); // digests of what was found, in hexadecimal

// isEmbedded looks for the bytes in the text of the modules that were loaded, where many
// packages keep their WebAssembly, and in Node's own modules: fetch and the stripping of
// types are WebAssembly. The module that asks comes first, since to search all of them
// takes a tenth of a second.
function isEmbedded(needle) {
  const caller = callerPath();
  if (caller !== undefined && isHeldBy(caller, needle)) return true;
  if (holdsNode(needle)) return true;
  for (let i = 0; i < holderCount; i++) if (isHeldBy(holders[i], needle)) return true;
  while (searched < verifiedFiles.count) {
    const path = verifiedFiles.paths[searched++];
    const text = pinnedText(path);
    if (text === undefined || !hasWasm(text)) continue;
    holders[holderCount++] = path;
    if (holds(text, needle)) return true;
  }
  return false;
}

const holders = create(null); // files that hold WebAssembly, by number
let holderCount = 0;
let searched = 0; // so many of verifiedFiles

function callerPath() {
  const frames = stack();
  for (let i = 0; i < frames.length; i++) {
    const path = pathOf(frames[i].scriptName);
    if (path !== undefined) return path;
  }
  return undefined;
}

function isHeldBy(path, needle) {
  const text = pinnedText(path);
  return text !== undefined && holds(text, needle);
}

// pinnedText returns the text of a file, if it is what was pinned.
function pinnedText(path) {
  const bytes = read(path);
  const at = recordOf(relative(realOf(path)) ?? '');
  return bytes === undefined || at < 0 || !matches(at, bytes) ? undefined : utf8Slice(bytes, 0, bytes.length);
}

function enforceWasm() {
  if (wasm === undefined) return;
  if (isFrozen(wasm)) {
    if (!allowed.wasm) standInForFrozen();
    return;
  }
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
  if (compileStreaming !== undefined) {
    replace(wasm, 'compileStreaming', async function (source, options) {
      const bytes = await responseBytes(source); // eslint-disable-line preload/primordials -- not checked yet
      return apply(compile, wasm, [checkWasm(bytes), options]);
    });
    replace(wasm, 'instantiateStreaming', async function (source, imports, options) {
      const bytes = await responseBytes(source); // eslint-disable-line preload/primordials -- not checked yet
      return apply(instantiate, wasm, [checkWasm(bytes), imports, options]);
    });
  }
}

// responseBytes returns the bytes of a Response. They are not checked here, but after the last
// await, in the step that compiles them: await hands its value to Promise.prototype.then, which
// the program may have replaced.
async function responseBytes(source) {
  const response = await source; // eslint-disable-line preload/primordials -- a value of the program
  return response.arrayBuffer(); // eslint-disable-line preload/primordials -- whatever it returns is copied and checked
}

// standInForFrozen refuses WebAssembly under --frozen-intrinsics: nothing can be put in the
// place of the constructor of modules, which every module names. So Node gets no module
// either: it parses CommonJS without one, and fetch fails.
function standInForFrozen() {
  const stand = create(getPrototypeOf(wasm));
  const names = ownKeys(wasm);
  for (let i = 0; i < names.length; i++) {
    const own = getOwnPropertyDescriptor(wasm, names[i]);
    defineProperty(stand, names[i], { __proto__: null, value: compiles[names[i]] ? refused(own.value) : own.value, writable: true, enumerable: own.enumerable, configurable: true });
  }
  replace(globalThis_, 'WebAssembly', stand);
}

const compiles = { __proto__: null, Module: true, compile: true, instantiate: true, compileStreaming: true, instantiateStreaming: true };

function refused(old) {
  return function (...args) {
    if (isOfNode(args[0])) throw new SafeError('nodeint run gives no WebAssembly with --frozen-intrinsics: start the program with --allow wasm');
    violation({
      __proto__: null, code: 'wasm', detail: 'WebAssembly cannot be checked with --frozen-intrinsics',
      hint: 'leave out the flag, or start the program with --allow wasm',
    });
    return new.target === undefined ? apply(old, wasm, args) : construct(old, args);
  };
}

function isOfNode(source) {
  try {
    return holdsNode(needleOf(copyOf(source)));
  } catch {
    return false; // no bytes
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
  guardBytecode(exports);
  if (!allowed.wasm) {
    const { createContext } = exports;
    replace(exports, 'createContext', function (object, options) {
      return apply(createContext, this, [object, withoutWasm(options, 'codeGeneration')]);
    });
  }
  const { runInNewContext } = exports;
  replace(exports, 'runInNewContext', function (code, object, options) {
    if (typeof options === 'string') options = { __proto__: null, filename: options };
    return apply(runInNewContext, this, [code, object, withoutWasm(checkedOptions(options), 'contextCodeGeneration')]);
  });
  const inNewContext = exports.Script.prototype.runInNewContext;
  replace(exports.Script.prototype, 'runInNewContext', function (object, options) {
    return apply(inNewContext, this, [object, withoutWasm(options, 'contextCodeGeneration')]);
  });
  shareExports();
}

function withoutWasm(options, name) {
  if (allowed.wasm) return options;
  return { __proto__: null, ...options, [name]: { __proto__: null, ...options?.[name], wasm: false } };
}

module.exports = { __proto__: null, enforceWasm, guardContexts };
