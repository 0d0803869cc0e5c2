// Resolution: what a pinned module asks for is answered from the table (names.cjs), and
// neither Node nor the file system is asked. What the table does not answer, Node does,
// and afterwards the package.json files that had a say are checked.
'use strict';

const {
  Module, SafeError, absolute, apply, charAt, charCodeAt, create, freeze, hrefOf, indexOf, isBuiltin, lastIndexOf, pathToFileURL, process_, separator, slice, startsWith, textOf,
} = require('./primordials.cjs');
const { config, relative, root } = require('./image.cjs');
const { entryOf, followLinks, formatOf, hasNames, hasPaths, isPinned, meaning, tablesOf, tablesOfFile } = require('./names.cjs');
const { checkManifests, checkStarted } = require('./packagejson.cjs');
const { isImport, pathOf, requireScheme } = require('./urls.cjs');
const { guardBuiltin } = require('./builtins.cjs');
const { closeModules } = require('./compilers.cjs');
const { replace } = require('./patch.cjs');

const asking = create(null); // who asked for a URL first

// resolve is the resolve hook.
function resolve(given, context, next) {
  const specifier = textOf(given); // a hook of the program may hand any object
  if (startsWith(specifier, requireScheme)) {
    return { __proto__: null, url: specifier, format: 'module', shortCircuit: true };
  }
  const { conditions, parentURL } = context;
  const byImport = isImport(conditions);
  if (byImport) closeModules();
  const isPlain = hasNames && hasConditions(conditions, byImport);
  const answer = isPlain ? (byImport ? answerImport(specifier, parentURL) : answerLoad(specifier, parentURL)) : undefined;
  if (answer !== undefined) {
    noteAsking(answer.url, specifier, parentURL);
    return answer;
  }
  mayAnswer = isPlain;
  answered = undefined;
  const outer = isImporting;
  isImporting = byImport;
  let result;
  try {
    result = next(specifier, context);
  } finally {
    isImporting = outer;
    mayAnswer = true;
  }
  const url = result.url;
  noteAsking(url, specifier, parentURL);
  if (config.checkManifests !== false && (answered === undefined || answered !== pathOf(url))) checkManifests(specifier, pathOf(parentURL), url);
  return result;
}

function noteAsking(url, specifier, parentURL) {
  if (startsWith(url, 'node:')) guardBuiltin(slice(url, 5), { __proto__: null, parentURL, specifier });
  else if (asking[url] === undefined) asking[url] = { __proto__: null, parentURL, specifier };
}

const known = { __proto__: null, require: undefined, import: undefined }; // the lists that hasConditions has seen
const usual = { __proto__: null, node: true, require: true, import: true, 'module-sync': true, 'node-addons': true };

// hasConditions reports whether a resolution has the conditions for which the map was
// generated: flags of node and hooks of the program may add or remove some.
function hasConditions(conditions, byImport) {
  const kind = byImport ? 'import' : 'require';
  if (conditions === known[kind]) return true;
  const wanted = entryOf('')?.conditions ?? [];
  let count = 0;
  let others = 0;
  let unknown = 0;
  for (let i = 0; i < conditions.length; i++) {
    if (usual[conditions[i]] === true) count++;
    else if (has(wanted, conditions[i])) others++;
    else unknown++;
  }
  if (unknown !== 0 || count !== 4 || others !== wanted.length) return false;
  known[kind] = conditions;
  return true;
}

function has(list, value) {
  for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
  return false;
}

// answerImport answers import, import() and import.meta.resolve.
function answerImport(specifier, parentURL) {
  if (parentURL === undefined) return answerMain(specifier);
  if (startsWith(specifier, 'data:')) return undefined;
  const asker = askerOf(pathOf(parentURL));
  return asker === undefined ? undefined : lookUp(asker, specifier, 'import')?.answer;
}

// answerMain answers with what the map says of the main module of a process or thread:
// Node has looked for it before any hook runs, and may have read a package.json.
let hasStarted = false;
function answerMain(specifier) {
  const path = pathOf(specifier);
  if (hasStarted || path === undefined) return undefined;
  hasStarted = true;
  const given = process_.argv[1];
  if (typeof given !== 'string') return undefined;
  const named = pathOf(given) ?? absolute(given);
  const record = resolvePath(belowRoot(named), 'require', false);
  if (record === undefined && named !== path) checkStarted(named);
  return record?.answer;
}

let loading; // the specifier that Module._load was called with, until a hook sees it
let loadedBy; // the module that Module._load was called for

// answerLoad answers require. For require.resolve Node also calls the hook, and does not
// say which paths it was given.
function answerLoad(specifier, parentURL) {
  if (loading !== specifier) return undefined;
  loading = undefined;
  const module = loadedBy;
  loadedBy = undefined;
  if (!isUntouched()) return undefined;
  const record = answerRequire(specifier, module, pathOf(parentURL));
  if (record === undefined) return undefined;
  if (hasUsualExtensions()) return record.answer;
  return record.isProbed ? undefined : record.withoutFormat;
}

function answerRequire(specifier, module, path) {
  if (charAt(specifier, 0) === separator) return resolveAbsolute(specifier);
  const asker = askerOf(path);
  if (asker === undefined || module?.filename !== path) return undefined;
  const record = lookUp(asker, specifier, 'require');
  return record === undefined || isRelative(specifier) || hasUsualPaths(asker, module.paths) ? record : undefined;
}

// _load stands in for Module._load.
const loadModule = Module._load;
function _load(request, parent) {
  loading = request;
  loadedBy = parent;
  try {
    return apply(loadModule, this, arguments);
  } finally {
    loading = undefined;
    loadedBy = undefined;
  }
}

// _resolveFilename stands in for Module._resolveFilename. require.resolve calls it, in
// Node 22 without a hook.
const resolveFilename = Module._resolveFilename;
let mayAnswer = true; // no hook has changed the conditions
let answered; // the path that was last answered
let isImporting = false; // Node resolves an import
function _resolveFilename(request, parent, isMain, options) {
  const path = typeof parent?.filename === 'string' ? pathOf(parent.filename) : undefined;
  if (hasNames && mayAnswer && typeof request === 'string' && !isMain && options?.paths === undefined && isUntouched()) {
    const record = answerRequire(request, parent, path);
    if (record !== undefined && (!record.isProbed || hasUsualExtensions())) {
      answered = record.name;
      return answered;
    }
  }
  if (isImporting && config.nodePackages !== '' && path === undefined) {
    // Node looks for a hint for its error message, and not by its package map.
    throw new SafeError('a package map is in use');
  }
  const result = apply(resolveFilename, this, arguments);
  if (config.checkManifests !== false && typeof result === 'string') {
    checkManifests('' + request, path, isBuiltin(result) ? 'node:' : result);
    answered = result;
  }
  return result;
}

const { _extensions: extensions, _findPath: findPath, _nodeModulePaths: nodeModulePaths, _resolveLookupPaths: lookupPaths } = Module;

// isUntouched reports whether the program has not replaced a function by which Node
// resolves: what the program's own finds is another file.
function isUntouched() {
  return Module._resolveFilename === _resolveFilename && Module._findPath === findPath && Module._nodeModulePaths === nodeModulePaths &&
    Module._resolveLookupPaths === lookupPaths;
}

// hasUsualExtensions reports whether require tries the extensions that it tries without
// the program's own.
function hasUsualExtensions() {
  if (Module._extensions !== extensions) return false;
  let n = 0;
  for (const extension in extensions) if (extension !== tried[n++]) return false;
  return n === tried.length;
}

const tried = freeze(['.js', '.json', '.node']);

// hasUsualPaths reports whether the program has not changed module.paths.
function hasUsualPaths(asker, paths) {
  if (asker.paths === undefined) asker.paths = apply(nodeModulePaths, Module, [slice(asker.path, 0, lastIndexOf(asker.path, separator))]);
  const usualPaths = asker.paths;
  if (paths?.length !== usualPaths.length) return false;
  for (let i = 0; i < usualPaths.length; i++) if (paths[i] !== usualPaths[i]) return false;
  return true;
}

const askers = create(null); // by path; null for what is no pinned file

// askerOf returns what is known of a module that asks, or undefined if it is not pinned.
function askerOf(path) {
  if (path === undefined) return undefined;
  const seen = askers[path];
  if (seen !== undefined) return seen === null ? undefined : seen;
  const below = relative(path);
  const asker = below === undefined || !isPinned(below) ? null : newAsker(path, below);
  askers[path] = asker;
  return asker === null ? undefined : asker;
}

function newAsker(path, below) {
  const at = lastIndexOf(below, '/');
  const dir = at < 0 ? '' : slice(below, 0, at);
  const name = slice(below, at + 1);
  const entry = entryOf(dir);
  const asker = { __proto__: null, path, paths: undefined, dir, require: entry.require, import: entry.import, requireTables: undefined, importTables: undefined };
  if (entry.single[name] !== undefined) {
    asker.require = create(null);
    asker.import = create(null);
    asker.requireTables = tablesOfFile(entry, dir, name, 'require');
    asker.importTables = tablesOfFile(entry, dir, name, 'import');
  }
  return asker;
}

// lookUp returns the record of what a module gets for a specifier by require or import,
// or undefined if Node has to be asked.
function lookUp(asker, specifier, kind) {
  const answers = asker[kind];
  const seen = answers[specifier];
  if (seen !== undefined) return seen === null ? undefined : seen;
  const record = isBuiltin(specifier) ? undefined : resolveName(asker, specifier, kind);
  answers[specifier] = record === undefined ? null : record;
  return record;
}

function resolveName(asker, specifier, kind) {
  const first = charAt(specifier, 0);
  if (isRelative(specifier)) {
    if (kind === 'import' && !isPlain(specifier)) return undefined;
    const path = join(asker.dir, specifier);
    return path === undefined ? undefined : resolveAsked(asker, path, specifier, kind);
  }
  if (kind === 'import' && (first === '/' || startsWith(specifier, 'file:'))) {
    return isPlain(specifier) ? resolvePath(relative(pathOf(first === '/' ? 'file://' + specifier : specifier) ?? ''), kind, false) : undefined;
  }
  const value = meaning(asker[kind === 'import' ? 'importTables' : 'requireTables'] ?? tablesOf(asker.dir, kind), specifier);
  return value === undefined || value === 0 ? undefined : recordOf(value, kind, false);
}

// resolveAsked resolves a path that a module has asked for: the map may say that it means
// another file.
function resolveAsked(asker, path, specifier, kind) {
  const onlyDirectory = isDirectory(specifier);
  if (hasPaths) {
    const value = meaning(asker[kind === 'import' ? 'importTables' : 'requireTables'] ?? tablesOf(asker.dir, kind), './' + path + (onlyDirectory && path !== '' ? '/' : ''));
    if (value !== undefined) return value === 0 ? undefined : recordOf(value, kind, false);
  }
  return resolvePath(path, kind, onlyDirectory);
}

// belowRoot returns a path relative to the root, which is "" itself.
function belowRoot(path) {
  return path === root ? '' : relative(path);
}

const absolutes = create(null); // records by path, for require

function resolveAbsolute(specifier) {
  const seen = absolutes[specifier];
  if (seen !== undefined) return seen === null ? undefined : seen;
  const below = belowRoot(specifier);
  const path = below === undefined ? undefined : join('', below);
  const record = path === undefined ? undefined : resolvePath(path, 'require', isDirectory(specifier));
  absolutes[specifier] = record === undefined ? null : record;
  return record;
}

// resolvePath resolves a path below the root among the pinned files, in Node's order.
// verify has made sure that Node would find no other file first.
function resolvePath(path, kind, onlyDirectory) {
  if (path === undefined) return undefined;
  const record = resolveReal(path, kind, onlyDirectory);
  if (record !== undefined) return record;
  const real = followLinks(path);
  return real === undefined ? undefined : resolveReal(real, kind, onlyDirectory);
}

function resolveReal(path, kind, onlyDirectory) {
  if (!onlyDirectory && isPinned(path)) return recordOf(path, kind, false);
  if (kind === 'import') return undefined;
  const found = (onlyDirectory ? undefined : withExtension(path)) ?? inDirectory(path);
  return found === undefined ? undefined : recordOf(found, kind, true);
}

function withExtension(path) {
  for (let i = 0; i < tried.length; i++) if (isPinned(path + tried[i])) return path + tried[i];
  return undefined;
}

// inDirectory returns the file that require loads for a directory. If its main is not
// pinned, Node has to be asked.
function inDirectory(dir) {
  const entry = entryOf(dir);
  if (entry === undefined || entry.type === '?') return undefined;
  const prefix = dir === '' ? '' : dir + '/';
  if (entry.main === undefined) return withExtension(prefix + 'index');
  const main = charAt(entry.main, 0) === '/' ? undefined : join(dir, entry.main);
  if (main === undefined || main === '') return undefined;
  return (isPinned(main) ? main : withExtension(main)) ?? withExtension(main + '/index');
}

const records = { __proto__: null, require: create(null), import: create(null) }; // by path

// fixedFormats are the extensions whose format does not depend on the version of Node and
// its flags.
const fixedFormats = { __proto__: null, '.js': true, '.cjs': true, '.mjs': true, '.json': true, '.node': true };

// recordOf returns the answer for a path below the root, or for a module of Node. It is
// undefined for a file whose format Node has to find.
function recordOf(value, kind, isProbed) {
  if (charAt(value, 0) === '/') {
    const answer = freeze({ __proto__: null, url: slice(value, 1), format: 'builtin', shortCircuit: true });
    return { __proto__: null, name: slice(value, 1), isProbed, answer, withoutFormat: answer };
  }
  const dot = lastIndexOf(value, '.');
  if (dot < 0 || fixedFormats[slice(value, dot)] === undefined) return undefined;
  const seen = records[kind][value];
  if (seen !== undefined && seen.isProbed === isProbed) return seen;
  const name = root + separator + (separator === '/' ? value : absolute(root, value));
  const url = isPlain(name) ? 'file://' + name : hrefOf(pathToFileURL(name));
  const record = {
    __proto__: null, name, isProbed,
    answer: freeze({ __proto__: null, url, format: formatOf(value), shortCircuit: true }),
    withoutFormat: freeze({ __proto__: null, url, format: undefined, shortCircuit: true }),
  };
  records[kind][value] = record;
  return record;
}

function isRelative(specifier) {
  return charAt(specifier, 0) === '.' && (specifier === '.' || specifier === '..' || startsWith(specifier, './') || startsWith(specifier, '../'));
}

// isDirectory reports whether a path can name only a directory.
function isDirectory(specifier) {
  const last = slice(specifier, lastIndexOf(specifier, '/') + 1);
  return last === '' || last === '.' || last === '..';
}

// join returns the path of a relative specifier, relative to the root, or undefined if it
// leaves the root.
function join(dir, specifier) {
  let path = dir;
  for (let from = 0; from <= specifier.length; ) {
    let end = indexOf(specifier, '/', from);
    if (end < 0) end = specifier.length;
    const part = slice(specifier, from, end);
    from = end + 1;
    if (part === '' || part === '.') continue;
    if (part !== '..') {
      path = path === '' ? part : path + '/' + part;
    } else if (path === '') {
      return undefined;
    } else {
      const at = lastIndexOf(path, '/');
      path = at < 0 ? '' : slice(path, 0, at);
    }
  }
  return path;
}

// isPlain reports whether a path is the same in a URL and has one way to write it.
function isPlain(path) {
  for (let i = 0; i < path.length; i++) {
    const c = charCodeAt(path, i);
    const isLetter = (c >= 97 && c <= 122) || (c >= 64 && c <= 90) || (c >= 45 && c <= 58); // a-z @A-Z -./0-9:
    if (!isLetter && c !== 95 && c !== 43 && c !== 126 && c !== 36 && c !== 44 && c !== 61 && c !== 33) return false; // _+~$,=!
    if (c === 47 && i > 7 && charCodeAt(path, i - 1) === 47) return false;
  }
  return separator === '/';
}

function enforceResolution() {
  if (!hasNames) return;
  replace(Module, '_load', _load);
  replace(Module, '_resolveFilename', _resolveFilename);
}

module.exports = { __proto__: null, asking, enforceResolution, resolve };
