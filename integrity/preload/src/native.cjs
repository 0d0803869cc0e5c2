// Machine code: addons, extensions of SQLite and foreign libraries.
'use strict';

const {
  SafeError, absolute, apply, assign, charAt, codeOf, construct, create, getOwnPropertyDescriptor, hasOwn, indexOf, isProxy, lastIndexOf, platform, process_,
  push, put, realpath, separator, slice, startsWith, stringifyJSON,
} = require('./primordials.cjs');
const { metadataOf, recordOf, relative } = require('./image.cjs');
const { isAbsent, read, realOf, usesPnp } = require('./files.cjs');
const { checkNeighbours } = require('./libraries.cjs');
const { replace, replaceConstructor, shareExports } = require('./patch.cjs');
const { usePower } = require('./powers.cjs');
const { count, trustedPath } = require('./trusted.cjs');
const { verified } = require('./verify.cjs');
const { violation } = require('./violations.cjs');

const dlopenNative = process_.dlopen;

// dlopen stands in for process.dlopen. Node reads the module and the flags before it
// opens the library, so neither may run code of the program then.
function dlopen(module, filename, flags) {
  if (arguments.length < 2) return apply(dlopenNative, process_, []);
  const mode = flags === undefined ? undefined : flags | 0;
  const path = checkNative(filename);
  if (path === undefined) throw cannotOpen(filename);
  checkTarget(module, path);
  const args = [module, path];
  if (mode !== undefined) push(args, mode);
  return apply(dlopenNative, process_, args);
}

// checkTarget refuses a module whose properties are computed: Node reads them after the
// check, and they could replace the file.
function checkTarget(module, path) {
  if (typeof module === 'object' && module !== null && !isProxy(module)) {
    const own = getOwnPropertyDescriptor(module, 'exports');
    if (own !== undefined && hasOwn(own, 'value')) return;
  }
  violation({ __proto__: null, code: 'native', path, detail: 'machine code for a module whose exports are no plain property' });
}

function cannotOpen(filename) {
  const error = new SafeError(filename + ': cannot open shared object file: No such file or directory');
  return assign(error, { __proto__: null, code: 'ERR_DLOPEN_FAILED' });
}

// checkNative checks the file that the system is about to load, and returns its real
// path: the system is given that path, and no other. It returns undefined if there is no
// such file. The system reads the file again, so unlike for modules a change between the
// two goes unnoticed.
function checkNative(filename) {
  const refused = refusedName(filename);
  if (refused !== undefined) return refuseName(filename, refused);
  const hasPrefix = startsWith(filename, '\\\\?\\');
  const real = locate(hasPrefix ? slice(filename, 4) : filename);
  if (real === undefined) return undefined;
  const below = relative(real);
  if (below !== undefined && recordOf(below) >= 0) {
    checkNeighbours(real);
    verified(real); // last, so that nothing comes between this and the system
  } else if (trustedPath(real) !== undefined) count(real);
  else {
    const bytes = read(real);
    const got = bytes === undefined ? 'nothing that can be read' : metadataOf(-1, bytes);
    violation({ __proto__: null, code: 'native', path: real, detail: 'machine code that is not in the map', got });
  }
  return hasPrefix ? '\\\\?\\' + real : real;
}

// refuseName reports a violation. Under --on-violation log the name is used as it is.
function refuseName(filename, detail) {
  violation({ __proto__: null, code: 'native', detail: detail + ': ' + stringifyJSON(typeof filename === 'string' ? filename : typeof filename) });
  return filename;
}

// refusedName returns why a name does not mean one file: the system looks for a bare name
// in its directories, ends a name at NUL, and an object may have another name each time
// it is asked.
function refusedName(filename) {
  if (typeof filename !== 'string' || (indexOf(filename, separator) < 0 && indexOf(filename, '/') < 0)) return 'machine code whose name is no path';
  if (indexOf(filename, '\0') >= 0) return 'machine code whose name contains NUL';
  return undefined;
}

// locate returns the real path of a file, as the kernel finds it, or undefined if there
// is none. All other errors are violations.
function locate(filename) {
  let real;
  try {
    real = realpath(usesPnp ? realOf(absolute(filename)) : filename);
  } catch (error) {
    if (isAbsent(error) && read(filename) === undefined) return undefined;
    return refuseName(filename, 'machine code whose path cannot be resolved (' + codeOf(error) + ')');
  }
  if (hasToken(real)) return refuseName(real, 'machine code whose path the system would expand');
  return real;
}

// hasToken reports whether the system would load another file than the one of the path:
// glibc replaces $ORIGIN, $LIB and $PLATFORM, and Windows appends .dll to a name
// without an extension.
function hasToken(real) {
  if (platform === 'win32') return indexOf(slice(real, lastIndexOf(real, separator) + 1), '.') < 0;
  for (let at = indexOf(real, '$'); at >= 0; at = indexOf(real, '$', at + 1)) {
    const c = charAt(real, at + 1);
    if (c === '{' || (c >= 'A' && c <= 'Z')) return true;
  }
  return false;
}

// guardSqlite checks the extensions that node:sqlite loads.
function guardSqlite(exports) {
  const { loadExtension } = exports.DatabaseSync.prototype;
  replace(exports.DatabaseSync.prototype, 'loadExtension', function (path, entryPoint) {
    usePower('sqlite-extension', 'loadExtension()');
    if (typeof path !== 'string') return apply(loadExtension, this, []); // throws
    const real = checkExtension(path);
    return apply(loadExtension, this, typeof entryPoint === 'string' ? [real, entryPoint] : [real]);
  });
}

const ending = platform === 'win32' ? '.dll' : platform === 'darwin' ? '.dylib' : '.so';

// checkExtension returns the real path of an extension. If SQLite cannot load a file, it
// loads the one with another ending, so both are checked.
function checkExtension(path) {
  let real = checkNative(path);
  if (real === undefined) real = checkNative(path + ending);
  if (real === undefined) throw new SafeError(path + ': cannot open shared object file: No such file or directory');
  checkNative(real + ending);
  return real;
}

// guardFFI checks the libraries that node:ffi opens, and refuses the symbols with which a
// library opens others.
function guardFFI(exports) {
  const { DynamicLibrary } = exports;
  if (typeof exports.dlopen === 'function') replaceConstructor(exports, 'dlopen', libraryHandler);
  if (typeof DynamicLibrary === 'function') {
    const { prototype } = DynamicLibrary;
    replace(prototype, 'getFunction', refuseLoaders(prototype.getFunction, 0));
    replace(prototype, 'getFunctions', refuseLoaders(prototype.getFunctions, 0));
    replace(prototype, 'getSymbol', refuseLoaders(prototype.getSymbol, 0));
    replaceConstructor(exports, 'DynamicLibrary', libraryHandler);
  }
  if (typeof exports.dlsym === 'function') replace(exports, 'dlsym', refuseLoaders(exports.dlsym, 1));
  shareExports();
}

const libraryHandler = {
  __proto__: null,
  apply: (target, self, args) => apply(target, self, checkLibrary(args)),
  construct: (target, args, newTarget) => construct(target, checkLibrary(args), newTarget),
};

// checkLibrary returns the arguments with the real path of the library.
function checkLibrary(args) {
  const name = args[0];
  if (name === null) {
    violation({ __proto__: null, code: 'native', detail: 'node:ffi would open the program itself' });
    return args;
  }
  const out = [undefined];
  for (let i = 1; i < args.length; i++) push(out, args[i]);
  if (typeof name !== 'string') return out; // node:ffi throws
  const real = checkNative(name);
  if (real === undefined) throw cannotOpen(name);
  out[0] = real;
  return out;
}

// loaders are the functions of the C library that load machine code or find the others.
const loaders = create(null);
for (const name of ['dlopen', 'dlmopen', 'dlsym', 'dlvsym', 'dlfunc', '__libc_dlopen_mode', '__libc_dlsym', '_dl_open', 'android_dlopen_ext']) loaders[name] = true;

// refuseLoaders replaces a function that finds symbols. Its argument of that number is a
// name, or an object whose keys are names, of which the function gets a copy.
function refuseLoaders(find, number) {
  return find && function (...args) {
    const given = args[number];
    if (typeof given === 'string') refuseLoader(given);
    else if (typeof given === 'object' && given !== null) {
      const copy = assign(create(null), given);
      for (const name in copy) refuseLoader(name);
      put(args, number, copy);
    }
    return apply(find, this, args);
  };
}

function refuseLoader(name) {
  if (loaders[name] === true) violation({ __proto__: null, code: 'native', detail: 'node:ffi would call ' + name + '(), which loads any library' });
}

function enforceNative() {
  replace(process_, 'dlopen', dlopen);
}

module.exports = { __proto__: null, dlopenNative, enforceNative, guardFFI, guardSqlite };
