// Primordials: the functions and objects of JavaScript and Node that the preload
// uses, taken before the program runs.
//
// The program may replace any property of any object afterwards. So no function of
// the preload looks up a method on an object that the program can reach, none uses
// an iterator, and objects that serve as tables have no prototype. The ESLint rule
// preload/primordials (integrity/preload/lint) checks that.
'use strict';

const globalThis_ = globalThis;
const { process: process_, WebAssembly: wasm } = globalThis;
const builtin = process_.getBuiltinModule;
const Module = builtin('module');
const fs = builtin('fs');
const { fileURLToPath, pathToFileURL } = builtin('url');
const { getCallSites, types: { isProxy } } = builtin('util');
const { resolve: resolvePath } = builtin('path');

const { openSync, readSync, closeSync, writeSync, readFileSync, readdirSync, existsSync, fstatSync } = fs;
const realpath = fs.realpathSync.native;
const { O_RDONLY, O_NONBLOCK = 0, O_APPEND, O_CREAT, O_WRONLY } = fs.constants;
const { reallyExit, _kill: kill, cwd, pid, execPath, platform } = process_;
const { env } = process_;
const { createRequire, isBuiltin, registerHooks, syncBuiltinESMExports } = Module;

const { apply, construct, ownKeys } = Reflect;
const uncurryThis = (f) => Function.prototype.call.bind(f);
const { create, defineProperty, freeze, isFrozen, getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn, setPrototypeOf, assign } = Object;
const { parse: parseJSON, stringify: stringifyJSON } = JSON;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const join = uncurryThis(Array.prototype.join);
const startsWith = uncurryThis(String.prototype.startsWith);
const endsWith = uncurryThis(String.prototype.endsWith);
const indexOf = uncurryThis(String.prototype.indexOf);
const lastIndexOf = uncurryThis(String.prototype.lastIndexOf);
const slice = uncurryThis(String.prototype.slice);
const charAt = uncurryThis(String.prototype.charAt);
const charCodeAt = uncurryThis(String.prototype.charCodeAt);
const toLowerCase = uncurryThis(String.prototype.toLowerCase);
const wellFormed = uncurryThis(String.prototype.toWellFormed);
const textOf = String; // calls toString, as Node does, and '' + value calls valueOf
const encode = encodeURIComponent;
const decode = decodeURIComponent;
const parseNumber = Number.parseInt;
const utf8Slice = uncurryThis(Buffer.prototype.utf8Slice);
const utf8Write = uncurryThis(Buffer.prototype.utf8Write);
const latin1Slice = uncurryThis(Buffer.prototype.latin1Slice);
const findBytes = uncurryThis(Buffer.prototype.indexOf);
const hexSlice = uncurryThis(Buffer.prototype.hexSlice);
const base64Slice = uncurryThis(Buffer.prototype.base64Slice);
const base64Write = uncurryThis(Buffer.prototype.base64Write);
const Bytes = Uint8Array;
const setBytes = uncurryThis(Uint8Array.prototype.set);
const getterOf = (object, name) => uncurryThis(getOwnPropertyDescriptor(object, name).get);
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
const typedArrayTag = getterOf(TypedArrayPrototype, Symbol.toStringTag);
const arrayParts = partsOf(TypedArrayPrototype);
const viewParts = partsOf(DataView.prototype);
const lengthOf = arrayParts.length; // in bytes, of a typed array
const SafeSet = Set;
const setHas = uncurryThis(Set.prototype.has);
const setAdd = uncurryThis(Set.prototype.add);
const SafeWeakSet = WeakSet;
const weakHas = uncurryThis(WeakSet.prototype.has);
const weakAdd = uncurryThis(WeakSet.prototype.add);
const SafeWeakMap = WeakMap;
const weakGet = uncurryThis(WeakMap.prototype.get);
const weakSet = uncurryThis(WeakMap.prototype.set);
const whenSettled = uncurryThis(Promise.prototype.then);
const SafeError = Error;
const SafeSyntaxError = SyntaxError;
const ObjectPrototype = Object.prototype;
const SafeProxy = Proxy;
const SafeURL = URL;
const hrefOf = getterOf(URL.prototype, 'href');
const protocolOf = getterOf(URL.prototype, 'protocol');

// partsOf returns functions that read the parts of a view, whatever its own
// properties are.
function partsOf(prototype) {
  return { __proto__: null, buffer: getterOf(prototype, 'buffer'), offset: getterOf(prototype, 'byteOffset'), length: getterOf(prototype, 'byteLength') };
}

// Workers have no abort() (lib/internal/process/worker_thread_only.js). The module
// worker_threads itself takes milliseconds to load.
const isWorker = process_.abort.disabled === true;

// Paths are Node's own: absolute, and without "." or "..".
const separator = platform === 'win32' ? '\\' : '/';

// absolute returns the absolute path of a path, or of one in a directory. Node's own
// function would ask the program's process.cwd.
function absolute(path, inDirectory) {
  return inDirectory === undefined ? resolvePath(cwd(), path) : resolvePath(path, inDirectory);
}

function dirname(path) {
  return slice(path, 0, lastIndexOf(path, separator));
}

// push and put define what they add: the program may have put setters for
// indices on Array.prototype, which push() and assignment would call.
function push(list, value) {
  put(list, list.length, value);
}

function put(list, index, value) {
  defineProperty(list, index, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

// wordsOf copies a list as strings, each of which it reads once.
function wordsOf(list) {
  const words = [];
  const { length } = list;
  for (let i = 0; i < length; i++) push(words, textOf(list[i]));
  return words;
}

// newBytes returns bytes with properties of their own for what the preload and Node read
// of them: the program may have replaced the getters of their prototype.
function newBytes(length) {
  return withLength(new Bytes(length), length);
}

function withLength(bytes, length) {
  defineProperty(bytes, 'length', { __proto__: null, value: length });
  defineProperty(bytes, 'byteLength', { __proto__: null, value: length });
  return bytes;
}

// wholeBuffer returns a Buffer that is a memory of WebAssembly, which never grows.
function wholeBuffer(memory) {
  const buffer = Buffer.from(memory.buffer);
  return withLength(buffer, buffer.length);
}

// copyOf copies the bytes of a buffer or view: the program may keep its own, and
// change them.
function copyOf(source) {
  const bytes = bytesOf(source);
  const copy = newBytes(lengthOf(bytes));
  setBytes(copy, bytes);
  return copy;
}

// partOf returns a view of some of the bytes.
function partOf(bytes, from, to) {
  return new Bytes(arrayParts.buffer(bytes), arrayParts.offset(bytes) + from, to - from);
}

// bytesOf returns a view of the bytes of a buffer or view.
function bytesOf(source) {
  if (!isView(source)) return new Bytes(source);
  const parts = typedArrayTag(source) === undefined ? viewParts : arrayParts;
  return new Bytes(parts.buffer(source), parts.offset(source), parts.length(source));
}

// codeOf returns the code of an error of Node: its own property, since the program may have
// put one on a prototype.
function codeOf(error) {
  const own = getOwnPropertyDescriptor(error, 'code');
  return own !== undefined && hasOwn(own, 'value') ? own.value : undefined;
}

// hideFromStrings defines what Node looks up on strings that it is given, where there is
// nothing: fs asks whether a path is a URL, and crypto.hash of Node 22 replaces text. The
// program could otherwise run code in the middle of a check, or choose the algorithm.
function hideFromStrings() {
  if (isFrozen(String.prototype)) return; // by --frozen-intrinsics: the program can define nothing
  for (const name of ['href', Symbol.replace]) {
    const set = function (value) {
      if (typeof this === 'object' && this !== String.prototype) put(this, name, value); // a string object
    };
    defineProperty(String.prototype, name, { __proto__: null, get: () => undefined, set, enumerable: false, configurable: false });
  }
}

module.exports = {
  __proto__: null,
  // Node
  process_, globalThis_, builtin, fs, Module, createRequire, isBuiltin, registerHooks, syncBuiltinESMExports, wasm,
  fileURLToPath, pathToFileURL, hrefOf, protocolOf, getCallSites, isProxy, absolute,
  openSync, readSync, closeSync, writeSync, readFileSync, readdirSync, existsSync, fstatSync, realpath,
  O_RDONLY, O_NONBLOCK, O_APPEND, O_CREAT, O_WRONLY,
  reallyExit, kill, cwd, pid, execPath, env, isWorker, platform,
  utf8Slice, utf8Write, latin1Slice, hexSlice, base64Slice, base64Write, findBytes,
  // JavaScript
  apply, construct, ownKeys, create, defineProperty, freeze, isFrozen, getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn, setPrototypeOf, assign,
  parseJSON, stringifyJSON, isArray, isView, join, startsWith, endsWith, indexOf, lastIndexOf, slice, charAt,
  charCodeAt, toLowerCase, wellFormed, textOf, encode, decode, parseNumber,
  Bytes, setBytes, SafeSet, setHas, setAdd, SafeWeakSet, weakHas, weakAdd, SafeWeakMap, weakGet, weakSet, whenSettled, SafeError, SafeSyntaxError, ObjectPrototype, SafeProxy, SafeURL, SafeDataView: DataView,
  // and what is made of them
  separator, dirname, push, put, wordsOf, newBytes, withLength, wholeBuffer, bytesOf, lengthOf, partOf, copyOf, codeOf, hideFromStrings,
};
