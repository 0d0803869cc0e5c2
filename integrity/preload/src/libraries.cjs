// The shared libraries that the system loads with an addon, and that lie in the program:
// those that its ELF file names, and those beside it, which the addon may load itself.
'use strict';

const { SafeSet, absolute, charAt, codeOf, dirname, endsWith, indexOf, push, readdirSync, realpath, separator, setAdd, setHas, slice, startsWith } = require('./primordials.cjs');
const { dynamicOf } = require('./elf.cjs');
const { metadataOf, recordOf, relative } = require('./image.cjs');
const { isAbsent, read } = require('./files.cjs');
const { trustedPath } = require('./trusted.cjs');
const { verified } = require('./verify.cjs');
const { violation } = require('./violations.cjs');

let checkedLibraries; // real paths, of one call of checkNeighbours: a file may change until the next

// checkNeighbours checks what the system loads with a pinned library.
function checkNeighbours(real) {
  checkedLibraries = new SafeSet();
  const bytes = read(real);
  if (bytes !== undefined) checkNeeded(real, bytes, []); // else verified reports it
  checkSiblings(dirname(real));
}

// checkSiblings compares the pinned shared libraries of a directory with the map.
function checkSiblings(dir) {
  let names;
  try {
    names = readdirSync(dir);
  } catch (error) {
    if (codeOf(error) === 'ERR_ACCESS_DENIED') return; // by the permission model
    throw error;
  }
  for (let i = 0; i < names.length; i++) {
    if (!isLibraryName(names[i])) continue;
    const real = realOrNothing(dir + separator + names[i]);
    const below = real === undefined ? undefined : relative(real);
    if (below === undefined || recordOf(below) < 0 || setHas(checkedLibraries, real)) continue;
    setAdd(checkedLibraries, real);
    verified(real);
  }
}

// isLibraryName is IsLibraryName of package nodejs.
function isLibraryName(name) {
  let end = name.length;
  for (let c = charAt(name, end - 1); c === '.' || (c >= '0' && c <= '9' && c !== ''); c = charAt(name, end - 1)) end--;
  const stem = slice(name, 0, end);
  return (endsWith(stem, '.so') && end > 3) || endsWith(name, '.so') || endsWith(name, '.dylib') || endsWith(name, '.dll');
}

// checkNeeded checks the libraries that an ELF file needs, and those that these need.
// The search paths of RPATH hold for them too.
function checkNeeded(path, bytes, inherited) {
  const elf = dynamicOf(bytes);
  if (elf === undefined) return;
  const dirs = [];
  for (let i = 0; i < elf.paths.length; i++) addDirs(dirs, elf.paths[i], dirname(path));
  for (let i = 0; i < inherited.length; i++) push(dirs, inherited[i]);
  for (let i = 0; i < elf.needed.length; i++) {
    const name = elf.needed[i];
    if (indexOf(name, '/') >= 0) {
      const files = [];
      addDirs(files, name, dirname(path));
      for (let j = 0; j < files.length; j++) checkLibrary(files[j], dirs);
    } else {
      for (let j = 0; j < dirs.length; j++) checkLibrary(dirs[j] + '/' + name, dirs);
    }
  }
}

// checkLibrary checks a file that the loader finds, if there is one.
function checkLibrary(path, dirs) {
  if (isOfSystem(path)) return;
  const real = realOrNothing(path);
  if (real === undefined || setHas(checkedLibraries, real)) return;
  const below = relative(real);
  if (below === undefined && trustedPath(real) !== undefined) return;
  setAdd(checkedLibraries, real);
  if (below !== undefined && recordOf(below) >= 0) {
    checkNeeded(path, verified(real), dirs);
    return;
  }
  const bytes = read(real);
  const got = bytes === undefined ? 'nothing that can be read' : metadataOf(-1, bytes);
  violation({ __proto__: null, code: 'native', path: real, detail: 'a shared library that an addon needs, and that is not in the map', got });
}

// isOfSystem reports whether a path is one outside the root, where the map says nothing.
function isOfSystem(path) {
  return startsWith(path, '/') && relative(absolute(path)) === undefined;
}

function realOrNothing(path) {
  try {
    return realpath(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error; // the library is then not loaded
  }
}

// Directories that glibc searches below each one of a search path.
const variants = ['glibc-hwcaps/x86-64-v2', 'glibc-hwcaps/x86-64-v3', 'glibc-hwcaps/x86-64-v4', 'tls', 'haswell', 'xeon_phi', 'avx512_1', 'x86_64', 'aarch64'];
const tokens = {
  __proto__: null,
  LIB: ['lib', 'lib64', 'lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu'],
  PLATFORM: ['x86_64', 'haswell', 'xeon_phi', 'aarch64'],
};

// addDirs adds a directory of a search path, with its tokens expanded in each way that
// they may be, and the directories that the loader tries below it.
function addDirs(dirs, text, origin) {
  const expanded = expand(text, origin);
  for (let i = 0; i < expanded.length; i++) {
    push(dirs, expanded[i]);
    addVariants(dirs, expanded[i], 3);
  }
}

function addVariants(dirs, dir, depth) {
  if (depth === 0 || isOfSystem(dir)) return;
  for (let i = 0; i < variants.length; i++) {
    const below = dir + '/' + variants[i];
    if (realOrNothing(below) === undefined) continue;
    push(dirs, below);
    addVariants(dirs, below, depth - 1);
  }
}

function expand(text, origin) {
  const at = indexOf(text, '$');
  if (at < 0) return [text === '' ? '.' : text];
  const name = charAt(text, at + 1) === '{' ? slice(text, at + 2, indexOf(text, '}', at)) : wordAt(text, at + 1);
  const end = at + 1 + name.length + (charAt(text, at + 1) === '{' ? 2 : 0);
  const values = name === 'ORIGIN' ? [origin] : tokens[name] ?? [];
  const out = [];
  for (let i = 0; i < values.length; i++) {
    const rest = expand(slice(text, end), origin);
    for (let j = 0; j < rest.length; j++) push(out, slice(text, 0, at) + values[i] + (end === text.length ? '' : rest[j]));
  }
  return out;
}

function wordAt(text, at) {
  let end = at;
  for (let c = charAt(text, end); c >= 'A' && c <= 'Z'; c = charAt(text, end)) end++;
  return slice(text, at, end);
}

module.exports = { __proto__: null, checkNeighbours };
