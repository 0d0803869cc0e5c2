// Yarn's Plug'n'Play: packages lie in zips, and .pnp.cjs says which of them a name
// stands for. It is pinned, and checked when it is loaded as every module is. It has
// zips read by a reader of its own; what runs is read here, by another, and held
// against the map: what the two make of a zip need not be the same.
//
// Its .pnp.loader.mjs, which does the same for import, would run in a thread of
// Yarn's own, where nothing is checked. So import asks .pnp.cjs here.

const plugged = true; // where it is not in use, the launcher leaves this part out
const inflate = builtin('zlib').inflateRawSync;
const toURL = builtin('url').pathToFileURL;
const isBuiltin = Module.isBuiltin;
const SafeURL = URL;
let pnp; // what .pnp.cjs exports, once it is there

const virtualFolder = separator + '__virtual__' + separator;

// plainOf gives the path that a virtual one stands for: /a/.yarn/__virtual__/x/1/b
// is /a/b, as many folders up as the number says.
function plainOf(path) {
  const at = indexOf(path, virtualFolder);
  if (at < 0) return path;
  const rest = slice(path, at + virtualFolder.length);
  const name = indexOf(rest, separator);
  const number = indexOf(rest, separator, name + 1);
  if (name < 0 || number < 0) return path;
  let dir = slice(path, 0, at);
  for (let up = parseNumber(slice(rest, name + 1, number), 10); up > 0 && dir !== ''; up--) dir = folderOf(dir);
  return dir + slice(rest, number);
}

const zipEnding = '.zip' + separator;

// isPlugged reports whether Node's own code cannot read a path.
function isPlugged(path) {
  return indexOf(path, zipEnding) >= 0 || indexOf(path, virtualFolder) >= 0;
}

// realPlugged is realOf for what Node's own code cannot read.
function realPlugged(path) {
  const plain = plainOf(path);
  if (plain === path) return path;
  try {
    return realpath(plain);
  } catch {
    return plain;
  }
}

// readPlugged is read for what Node's own code cannot read.
function readPlugged(path) {
  const plain = plainOf(path);
  const at = indexOf(plain, zipEnding);
  if (at >= 0) return readZipped(slice(plain, 0, at + 4), slice(plain, at + 5));
  return plain === path ? undefined : read(plain);
}

// isThere reports whether a file is there, in a zip or elsewhere.
function isThere(path) {
  const plain = plainOf(path);
  const at = indexOf(plain, zipEnding);
  if (at < 0) return existsSync(plain);
  return directoryOf(slice(plain, 0, at + 4))[nameInZip(slice(plain, at + 5))] !== undefined;
}

function nameInZip(name) {
  if (separator === '/') return name;
  let out = '';
  for (let i = 0; i < name.length; i++) out += charAt(name, i) === separator ? '/' : charAt(name, i);
  return out;
}

const zips = create(null); // directories of zips, by path
const noFiles = freeze(create(null));
const mostOfZip = 1 << 30;

// directoryOf gives where the files of a zip lie, by name: APPNOTE 6.3.10 §4.3.12,
// §4.3.16. It is read once: in a zip that is then changed nothing will be as pinned.
function directoryOf(zip) {
  if (zips[zip] !== undefined) return zips[zip];
  let fd;
  try {
    fd = openSync(zip, O_RDONLY | O_NONBLOCK);
  } catch {
    return noFiles;
  }
  try {
    const size = fstatSync(fd).size;
    const end = size < 22 ? undefined : part(fd, size - 22, 22);
    if (end === undefined || long(end, 0) !== 0x06054b50) return noFiles;
    const directory = part(fd, long(end, 16), long(end, 12));
    return directory === undefined ? noFiles : (zips[zip] = filesOf(directory));
  } catch {
    return noFiles;
  } finally {
    closeSync(fd);
  }
}

function filesOf(b) {
  const files = create(null);
  for (let at = 0; at + 46 <= b.length && long(b, at) === 0x02014b50; ) {
    const name = at + 46;
    const length = short(b, at + 28);
    files[utf8Slice(b, name, name + length)] = {
      __proto__: null, deflated: short(b, at + 10) === 8, packed: long(b, at + 20), size: long(b, at + 24), start: long(b, at + 42),
    };
    at = name + length + short(b, at + 30) + short(b, at + 32);
  }
  return files;
}

// readZipped gives the bytes of a file in a zip, or undefined. Whatever it makes of a
// zip, the digest of the bytes decides.
function readZipped(zip, name) {
  const file = directoryOf(zip)[nameInZip(name)];
  if (file === undefined || file.size > mostOfZip) return undefined;
  let fd;
  try {
    fd = openSync(zip, O_RDONLY | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const header = part(fd, file.start, 30);
    const bytes = header && part(fd, file.start + 30 + short(header, 26) + short(header, 28), file.packed);
    if (bytes === undefined || !file.deflated) return bytes;
    // A copy: the program may have changed what makes the bytes, and hold on to them.
    return copyOf(inflate(bytes, { __proto__: null, maxOutputLength: file.size || 1 }));
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

// part reads so many bytes of a file, or gives undefined where there are less.
function part(fd, start, length) {
  if (length > mostOfZip) return undefined;
  const bytes = new Bytes(length);
  for (let have = 0; have < length; ) {
    const n = readSync(fd, bytes, have, length - have, start + have);
    if (n === 0) return undefined;
    have += n;
  }
  return bytes;
}

const short = (b, at) => b[at] | (b[at + 1] << 8);
const long = (b, at) => (short(b, at) | (short(b, at + 2) << 16)) >>> 0;

// resolvePlugged answers import. require comes to .pnp.cjs by itself, which has taken
// the place of Node's own function.
function resolvePlugged(specifier, context, next) {
  if (pnp === undefined || !isImport(context.conditions) || isBuiltin(specifier) || startsWith(specifier, requireScheme)) return next(specifier, context);
  const parent = pathOf(context.parentURL);
  const first = charAt(specifier, 0);
  if (first === '.' || first === '/' || indexOf(specifier, ':') >= 0) return resolvePath(specifier, context, next);
  const path = askPnp(specifier, parent ?? process_.cwd() + separator, context.conditions);
  if (path === null) return next(specifier, context);
  return isPlugged(path) ? found(path, '') : next(toURL(path).href, context);
}

function resolvePath(specifier, context, next) {
  let url;
  try {
    url = new SafeURL(specifier, context.parentURL);
  } catch {
    return next(specifier, context);
  }
  const path = url.protocol === 'file:' ? pathOf(url.href) : undefined;
  if (path === undefined || !isPlugged(path)) return next(specifier, context);
  if (!isThere(path)) {
    throw assign(new SafeError('Cannot find module \'' + path + '\' imported from ' + context.parentURL), { __proto__: null, code: 'ERR_MODULE_NOT_FOUND', url: url.href });
  }
  return found(path, url.search + url.hash);
}

function found(path, suffix) {
  return { __proto__: null, url: toURL(path).href + suffix, format: formatOf(path), shortCircuit: true };
}

// askPnp asks as Yarn's loader does: endings are tried for a package's main alone.
function askPnp(specifier, issuer, conditions) {
  const set = new SafeSet();
  for (let i = 0; i < conditions.length; i++) setAdd(set, conditions[i]);
  try {
    return pnp.resolveRequest(specifier, issuer, { conditions: set, extensions: packageName(specifier) === specifier ? undefined : [] });
  } catch (error) {
    if (error?.code === 'MODULE_NOT_FOUND') error.code = 'ERR_MODULE_NOT_FOUND';
    throw error;
  }
}

// formatOf says what a file is that Node's own code cannot read, by its ending and
// by the package.json above it; undefined leaves it to what the text looks like.
function formatOf(path) {
  const ending = slice(path, lastIndexOf(path, '.'));
  if (formats[ending] !== undefined) return formats[ending];
  if (ending !== '.js') return undefined;
  const plain = realOf(path);
  for (let dir = folderOf(plain); dir !== '' && !endsWith(dir, separator + 'node_modules'); dir = folderOf(dir)) {
    if (types[dir] === undefined) types[dir] = typeOf(dir);
    if (types[dir] !== '') return types[dir] === 'none' ? undefined : types[dir];
    if (dir === root) break;
  }
  return undefined;
}

const formats = freeze({ __proto__: null, '.mjs': 'module', '.cjs': 'commonjs', '.json': 'json', '.wasm': 'wasm' });
const types = create(null); // of folders: "" where they have no package.json

function typeOf(dir) {
  const bytes = read(dir + separator + 'package.json');
  if (bytes === undefined) return '';
  try {
    const type = getOwnPropertyDescriptor(parseJSON(utf8Slice(bytes, 0, bytes.length)), 'type')?.value;
    return type === 'module' || type === 'commonjs' ? type : 'none';
  } catch {
    return 'none';
  }
}

// loadPlugged stands behind all other hooks, and reads what Node's own code cannot.
function loadPlugged(url, context, next) {
  const path = pathOf(url);
  if (path === undefined || !isPlugged(path) || (context.source !== undefined && context.source !== null)) return next(url, context);
  const bytes = read(path);
  if (bytes === undefined) return next(url, context);
  const format = formatOf(path);
  return { __proto__: null, format, source: format === 'wasm' ? bytes : utf8Slice(bytes, 0, bytes.length), shortCircuit: true };
}

// plug makes ready for it, before the hooks that check: these run around.
function plug() {
  registerHooks({ __proto__: null, resolve: resolvePlugged, load: loadPlugged });
}

// setUp does what Node's -r ./.pnp.cjs does.
function setUp() {
  const api = Module.createRequire(config.plug)(config.plug);
  api.setup();
  pnp = api;
}
