// What names mean: the table that the launcher made of the map, of its links and of the
// pinned package.json files. Package nametable specifies it. Each directory of the table
// is parsed when something in it is first asked for.
'use strict';

const { image } = require('./input.cjs');
const {
  assign, create, endsWith, hexSlice, indexOf, lastIndexOf, parseJSON, process_, slice, startsWith, utf8Slice,
} = require('./primordials.cjs');
const { digestOf } = require('./digest.cjs');
const { need } = require('./blocks.cjs');
const { config, namesAt, namesEnd } = require('./image.cjs');
const { usesPackageMap } = require('./packagemap.cjs');

const hasNames = config.mode === 'enforce' && namesAt < namesEnd && !(config.packageMap !== '' && usesPackageMap());
const directories = hasNames ? number(namesAt) : 0;
const hasPaths = hasNames && (number(namesAt + 4) & 1) !== 0; // a specifier of the map is a path
const hasLinks = hasNames && (number(namesAt + 4) & 2) !== 0;
const firstDirectory = namesAt + 8;
const firstText = firstDirectory + directories * 24;

function number(at) {
  need(at, at + 4);
  return (image[at] | (image[at + 1] << 8) | (image[at + 2] << 16) | (image[at + 3] << 24)) >>> 0;
}

const entries = create(null); // by directory; null if the table does not have it

// entryOf returns what the table has of a directory, or undefined.
function entryOf(dir) {
  const known = entries[dir];
  if (known !== undefined) return known === null ? undefined : known;
  const at = find(hexOf(dir));
  const entry = at < 0 ? null : parse(textAt(firstText + number(at + 16), number(at + 20)));
  entries[dir] = entry;
  return entry === null ? undefined : entry;
}

function textAt(from, length) {
  need(from, from + length);
  return utf8Slice(image, from, from + length);
}

function hexOf(dir) {
  return slice(digestOf('sha256', dir, 'hex'), 0, 32);
}

// find returns the offset of the record of a directory, or -1.
function find(key) {
  let low = 0;
  let high = directories;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = firstDirectory + middle * 24;
    need(at, at + 16);
    const got = hexSlice(image, at, at + 16);
    if (got === key) return at;
    if (got < key) low = middle + 1;
    else high = middle;
  }
  return -1;
}

const none = create(null);

function parse(text) {
  const given = own(parseJSON(text));
  const files = create(null);
  if (given.f !== undefined) for (let i = 0; i < given.f.length; i++) files[given.f[i]] = true;
  return {
    __proto__: null, files, links: given.l === undefined ? none : own(given.l), type: given.t, main: given.m, conditions: given.c, isPackage: given.o === true,
    imports: specifiers(given.i), scope: scopeOf(given), single: given.x === undefined ? none : own(given.x),
    require: create(null), import: create(null), // answers by specifier, for resolve.cjs
  };
}

// own returns a table with the members of an object that JSON.parse made.
function own(object) {
  return assign(create(null), object);
}

function scopeOf(given) {
  if (given.s === undefined && given.r === undefined) return undefined;
  return { __proto__: null, both: specifiers(given.s), require: specifiers(given.r) };
}

function specifiers(object) {
  if (object === undefined) return undefined;
  const given = own(object);
  return { __proto__: null, exact: given.e === undefined ? none : own(given.e), prefixes: given.p };
}

function parentOf(dir) {
  const at = lastIndexOf(dir, '/');
  return at < 0 ? '' : slice(dir, 0, at);
}

const chains = { __proto__: null, require: create(null), import: create(null) };

// tablesOf returns the specifier maps for the files of a directory, in the order in which
// they are asked: for require what is different for it, then the scopes, with the longest
// prefix first, and the imports.
function tablesOf(dir, kind) {
  const known = chains[kind][dir];
  if (known !== undefined) return known;
  const entry = entryOf(dir);
  const isOwn = entry?.scope !== undefined || isBoundary(dir, entry);
  const tables = isOwn ? collect(undefined, dir, kind) : tablesOf(parentOf(dir), kind);
  chains[kind][dir] = tables;
  return tables;
}

// isBoundary reports whether no names of the directories above hold in a directory.
function isBoundary(dir, entry) {
  return dir === '' || entry?.isPackage === true || dir === 'node_modules' || endsWith(dir, '/node_modules');
}

// collect returns the tables of the scope of a single file, if there is one, and of the
// directory and those above it.
function collect(single, dir, kind) {
  const tables = { __proto__: null, length: 0 };
  if (kind === 'require') append(tables, single?.require);
  if (kind === 'require') collectUpward(tables, dir, kind);
  append(tables, single?.both);
  append(tables, collectUpward(tables, dir, 'both')?.imports);
  return tables;
}

// collectUpward appends the tables of a kind, and returns the entry of the package.
function collectUpward(tables, dir, kind) {
  for (let at = dir; ; at = parentOf(at)) {
    const entry = entryOf(at);
    append(tables, entry?.scope?.[kind]);
    if (isBoundary(at, entry)) return entry;
  }
}

function append(tables, table) {
  if (table !== undefined) tables[tables.length++] = table;
}

// tablesOfFile returns the same for a file that has a scope of its own, or undefined.
function tablesOfFile(entry, dir, name, kind) {
  const single = entry.single[name];
  return single === undefined ? undefined : collect(scopeOf(own(single)), dir, kind);
}

// meaning returns what the first of the tables that has a specifier says: a path, a
// module of Node after "/", or 0 if Node has to be asked. It returns undefined if none
// has it.
function meaning(tables, specifier) {
  for (let i = 0; i < tables.length; i++) {
    const { exact, prefixes } = tables[i];
    const value = exact[specifier];
    if (value !== undefined) return value;
    if (prefixes === undefined) continue;
    for (let j = 0; j < prefixes.length; j++) {
      const prefix = prefixes[j][0];
      if (startsWith(specifier, prefix)) return below(prefixes[j][1], slice(specifier, prefix.length));
    }
  }
  return undefined;
}

function below(dir, rest) {
  if (dir === 0 || indexOf(rest, '%') >= 0) return 0;
  const path = dir === '/' ? rest : dir + rest;
  return isPinned(path) ? path : 0;
}

function isPinned(path) {
  const at = lastIndexOf(path, '/');
  return entryOf(at < 0 ? '' : slice(path, 0, at))?.files[slice(path, at + 1)] === true;
}

// followLinks returns the path without the links of the map, or undefined if it has none.
function followLinks(path) {
  if (!hasLinks) return undefined;
  let result;
  for (let hops = 0; hops < 40; hops++) {
    const next = followFirst(result ?? path);
    if (next === undefined) return result;
    result = next;
  }
  return undefined;
}

function followFirst(path) {
  for (let from = 0; from < path.length; ) {
    let end = indexOf(path, '/', from);
    if (end < 0) end = path.length;
    const target = entryOf(from === 0 ? '' : slice(path, 0, from - 1))?.links[slice(path, from, end)];
    if (target !== undefined) return target + slice(path, end);
    from = end + 1;
  }
  return undefined;
}

const types = create(null); // by directory

// typeOf returns the type in the package.json that Node uses for the files of a
// directory: "module", "commonjs", "none", or "?" if that is not known.
function typeOf(dir) {
  const known = types[dir];
  if (known !== undefined) return known;
  let type;
  if (dir === 'node_modules' || endsWith(dir, '/node_modules')) type = 'none';
  else type = entryOf(dir)?.type ?? (dir === '' ? '?' : typeOf(parentOf(dir)));
  types[dir] = type;
  return type;
}

const stripsTypes = process_.features.typescript !== undefined && process_.features.typescript !== false;
const formats = { __proto__: null, '.mjs': 'module', '.cjs': 'commonjs', '.json': 'json', '.mts': 'module-typescript', '.cts': 'commonjs-typescript' };

// formatByType returns the format that the pinned package.json files give a pinned file,
// "none" if its text decides, or undefined if they have no say or it is not known.
function formatByType(path) {
  const isScript = endsWith(path, '.ts') && stripsTypes;
  if (!isScript && !endsWith(path, '.js')) return undefined;
  const at = lastIndexOf(path, '/');
  const type = typeOf(at < 0 ? '' : slice(path, 0, at));
  if (type === '?') return undefined;
  return isScript && type !== 'none' ? type + '-typescript' : type;
}

// formatOf returns the format of a pinned file, or undefined if Node has to find it.
function formatOf(path) {
  const format = formatByType(path) ?? formats[slice(path, lastIndexOf(path, '.'))];
  return format === 'none' || ((endsWith(path, '.mts') || endsWith(path, '.cts')) && !stripsTypes) ? undefined : format;
}

module.exports = {
  __proto__: null, entryOf, followLinks, formatByType, formatOf, hasNames, hasPaths, isPinned, meaning, tablesOf, tablesOfFile,
};
