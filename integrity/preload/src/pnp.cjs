// Yarn's Plug'n'Play: packages are in zips, and .pnp.cjs says which of them a name
// stands for. It is pinned, and checked when it is loaded as every module is. It has
// a reader of zips of its own; what runs is read by zip.cjs and compared with the map.
//
// Yarn's .pnp.loader.mjs, which does the same for import, would run in a thread where
// nothing is checked. So import asks .pnp.cjs here.
'use strict';

const {
  SafeError, SafeSet, SafeURL, assign, builtin, charAt, create, createRequire, cwd, dirname, endsWith, freeze, getOwnPropertyDescriptor, indexOf,
  isBuiltin, lastIndexOf, parseJSON, registerHooks, separator, setAdd, slice, startsWith, utf8Slice,
} = require('./primordials.cjs');
const { config, root } = require('./image.cjs');
const { isPnpPath, pnpFileExists, read, realOf } = require('./files.cjs');
const { isImport, packageName, pathOf, requireScheme } = require('./urls.cjs');
const { checkText } = require('./packagejson.cjs');

const toURL = builtin('url').pathToFileURL;
let pnp; // what .pnp.cjs exports, once it is loaded

// resolvePnp is the resolve hook for import. .pnp.cjs handles require itself: it
// replaces Node's own function.
function resolvePnp(specifier, context, next) {
  if (pnp === undefined || !isImport(context.conditions) || isBuiltin(specifier) || startsWith(specifier, requireScheme)) return next(specifier, context);
  const parent = pathOf(context.parentURL);
  const first = charAt(specifier, 0);
  if (first === '.' || first === '/' || indexOf(specifier, ':') >= 0) return resolvePath(specifier, context, next);
  const path = askPnp(specifier, parent ?? cwd() + separator, context.conditions);
  if (path === null) return next(specifier, context);
  return isPnpPath(path) ? found(path, '') : next(toURL(path).href, context);
}

function resolvePath(specifier, context, next) {
  let url;
  try {
    url = new SafeURL(specifier, context.parentURL);
  } catch {
    return next(specifier, context);
  }
  const path = url.protocol === 'file:' ? pathOf(url.href) : undefined;
  if (path === undefined || !isPnpPath(path)) return next(specifier, context);
  if (!pnpFileExists(path)) {
    throw assign(new SafeError('Cannot find module \'' + path + '\' imported from ' + context.parentURL), { __proto__: null, code: 'ERR_MODULE_NOT_FOUND', url: url.href });
  }
  return found(path, url.search + url.hash);
}

function found(path, suffix) {
  return { __proto__: null, url: toURL(path).href + suffix, format: formatOf(path), shortCircuit: true };
}

// askPnp asks as Yarn's loader does: it tries extensions for a package's main only.
function askPnp(specifier, issuer, conditions) {
  const set = new SafeSet();
  for (let i = 0; i < conditions.length; i++) setAdd(set, conditions[i]);
  try {
    // eslint-disable-next-line preload/primordials -- .pnp.cjs is part of the pinned program: what it answers is checked when it is loaded
    return pnp.resolveRequest(specifier, issuer, { conditions: set, extensions: packageName(specifier) === specifier ? undefined : [] });
  } catch (error) {
    if (error?.code === 'MODULE_NOT_FOUND') error.code = 'ERR_MODULE_NOT_FOUND';
    throw error;
  }
}

// formatOf returns the format of a file that Node's own functions cannot read, by its
// extension and the package.json above it. With undefined, Node decides by the text.
function formatOf(path) {
  const extension = slice(path, lastIndexOf(path, '.'));
  if (formats[extension] !== undefined) return formats[extension];
  if (extension !== '.js') return undefined;
  const plain = realOf(path);
  for (let dir = dirname(plain); dir !== '' && !endsWith(dir, separator + 'node_modules'); dir = dirname(dir)) {
    if (types[dir] === undefined) types[dir] = typeOf(dir);
    if (types[dir] !== '') return types[dir] === 'none' ? undefined : types[dir];
    if (dir === root) break;
  }
  return undefined;
}

const formats = freeze({ __proto__: null, '.mjs': 'module', '.cjs': 'commonjs', '.json': 'json', '.wasm': 'wasm' });
const types = create(null); // by directory: '' if it has no package.json

// typeOf returns the type in the package.json of a directory, after it has compared the
// bytes with the map: what Node did with another type could be any error.
function typeOf(dir) {
  const path = dir + separator + 'package.json';
  const bytes = read(path);
  checkText(path, bytes);
  if (bytes === undefined) return '';
  try {
    const type = getOwnPropertyDescriptor(parseJSON(utf8Slice(bytes, 0, bytes.length)), 'type')?.value;
    return type === 'module' || type === 'commonjs' ? type : 'none';
  } catch {
    return 'none';
  }
}

// loadPnp is a load hook behind all others. It reads what Node's own functions cannot.
function loadPnp(url, context, next) {
  const path = pathOf(url);
  if (path === undefined || !isPnpPath(path) || (context.source !== undefined && context.source !== null)) return next(url, context);
  const bytes = read(path);
  if (bytes === undefined) return next(url, context);
  const format = formatOf(path);
  return { __proto__: null, format, source: format === 'wasm' ? bytes : utf8Slice(bytes, 0, bytes.length), shortCircuit: true };
}

// hookPnp registers the hooks. It comes before the hooks that check, which then run
// around these.
function hookPnp() {
  registerHooks({ __proto__: null, resolve: resolvePnp, load: loadPnp });
}

// loadPnpFile does what Node's -r ./.pnp.cjs does.
function loadPnpFile() {
  const api = createRequire(config.pnp)(config.pnp);
  api.setup(); // eslint-disable-line preload/primordials -- .pnp.cjs is checked when it is loaded
  pnp = api;
}

module.exports = { __proto__: null, formatOf, hookPnp, loadPnpFile };
