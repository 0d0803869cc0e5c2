// Machine code: addons, extensions of SQLite and foreign libraries.
'use strict';

const {
  absolute, apply, construct, indexOf, process_, separator, slice, startsWith, stringifyJSON, syncBuiltinESMExports,
} = require('./primordials.cjs');
const { metadataOf, recordOf, relative } = require('./image.cjs');
const { read, realOf } = require('./files.cjs');
const { replace, replaceConstructor } = require('./patch.cjs');
const { usePower } = require('./powers.cjs');
const { count, trustedPath } = require('./trusted.cjs');
const { verified } = require('./verify.cjs');
const { violation } = require('./violations.cjs');

const dlopenNative = process_.dlopen;

// dlopen stands in for process.dlopen.
function dlopen(module, filename) {
  checkNative(filename);
  return apply(dlopenNative, this, arguments);
}

// checkNative checks the file that the system is about to load. The system reads it
// again, so unlike for modules a change between the two goes unnoticed. A bare name
// is looked for in the system's directories, and an object may have another name each
// time it is asked, so both are violations.
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
  if (trustedPath(real) !== undefined) {
    count(real);
    return;
  }
  const bytes = read(real);
  if (bytes === undefined) return; // the system reports that it does not exist
  violation({ __proto__: null, code: 'native', path: real, detail: 'machine code that is not in the map', got: metadataOf(-1, bytes) });
}

// guardSqlite checks the extensions that node:sqlite loads.
function guardSqlite(exports) {
  const { loadExtension } = exports.DatabaseSync.prototype;
  replace(exports.DatabaseSync.prototype, 'loadExtension', function (path) {
    usePower('sqlite-extension', 'loadExtension()');
    checkNative(path);
    return apply(loadExtension, this, arguments);
  });
}

// guardFFI checks the libraries that node:ffi opens.
function guardFFI(exports) {
  if (typeof exports.dlopen === 'function') replaceConstructor(exports, 'dlopen', libraryHandler('dlopen'));
  if (typeof exports.DynamicLibrary === 'function') replaceConstructor(exports, 'DynamicLibrary', libraryHandler('DynamicLibrary'));
  syncBuiltinESMExports();
}

function libraryHandler(name) {
  const check = (args) => {
    if (typeof args[0] === 'string') checkNative(args[0]);
    else if (args[0] === null && name === 'dlopen') violation({ __proto__: null, code: 'native', detail: 'node:ffi would open the program itself' });
  };
  return {
    __proto__: null,
    apply: (target, self, args) => (check(args), apply(target, self, args)),
    construct: (target, args, newTarget) => (check(args), construct(target, args, newTarget)),
  };
}

function enforceNative() {
  replace(process_, 'dlopen', dlopen);
}

module.exports = { __proto__: null, checkNative, dlopenNative, enforceNative, guardFFI, guardSqlite };
