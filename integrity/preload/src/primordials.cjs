// Everything that the hook uses is taken here, before the program runs. The
// program may replace any property of any object afterwards: nothing below this
// file looks a method up on an object that the program can reach, and objects
// that serve as tables have no prototype.

const { process: process_, WebAssembly: wasm } = globalThis;
const builtin = process_.getBuiltinModule;
const Module = builtin('module');
const fs = builtin('fs');
const crypto = builtin('crypto');
const { fileURLToPath } = builtin('url');
const { getCallSites } = builtin('util');
const { resolve: absolute } = builtin('path');

const { openSync, readSync, closeSync, writeSync, readFileSync, existsSync, fstatSync } = fs;
const realpath = fs.realpathSync.native;
const { O_RDONLY, O_NONBLOCK = 0, O_APPEND, O_CREAT, O_WRONLY } = fs.constants;
const digestOf = crypto.hash;
const { reallyExit, _kill: kill, pid, execPath, platform } = process_;
const { env } = process_;

const { apply, construct, ownKeys } = Reflect;
const uncurry = (f) => Function.prototype.call.bind(f);
const { create, defineProperty, freeze, getOwnPropertyDescriptor, assign } = Object;
const { parse: parseJSON, stringify: stringifyJSON } = JSON;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const join = uncurry(Array.prototype.join);
const startsWith = uncurry(String.prototype.startsWith);
const endsWith = uncurry(String.prototype.endsWith);
const indexOf = uncurry(String.prototype.indexOf);
const lastIndexOf = uncurry(String.prototype.lastIndexOf);
const slice = uncurry(String.prototype.slice);
const charAt = uncurry(String.prototype.charAt);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const toLowerCase = uncurry(String.prototype.toLowerCase);
const wellFormed = uncurry(String.prototype.toWellFormed);
const encode = encodeURIComponent;
const decode = decodeURIComponent;
const parseNumber = Number.parseInt;
const bytesFrom = Buffer.from;
const utf8Slice = uncurry(Buffer.prototype.utf8Slice);
const hexSlice = uncurry(Buffer.prototype.hexSlice);
const base64Slice = uncurry(Buffer.prototype.base64Slice);
const Bytes = Uint8Array;
const setBytes = uncurry(Uint8Array.prototype.set);
const getterOf = (object, name) => uncurry(getOwnPropertyDescriptor(object, name).get);
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const typedArrayTag = getterOf(TypedArrayPrototype, Symbol.toStringTag);
const arrayParts = partsOf(TypedArrayPrototype);
const viewParts = partsOf(DataView.prototype);
const SafeSet = Set;
const setHas = uncurry(Set.prototype.has);
const setAdd = uncurry(Set.prototype.add);
const SafeError = Error;
const SafeProxy = Proxy;

// partsOf gives what reads the parts of a view, whatever its own properties say.
function partsOf(prototype) {
  return { __proto__: null, buffer: getterOf(prototype, 'buffer'), offset: getterOf(prototype, 'byteOffset'), length: getterOf(prototype, 'byteLength') };
}

// Workers lack abort() (lib/internal/process/worker_thread_only.js); the module
// worker_threads itself takes milliseconds to load.
const isWorker = process_.abort.disabled === true;

// The parts of a path. Paths are Node's own, absolute and without "." or "..".
const separator = platform === 'win32' ? '\\' : '/';

function folderOf(path) {
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
