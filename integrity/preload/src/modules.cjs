// Modules: import, require, JSON, TypeScript and WebAssembly modules, through
// module.registerHooks.
//
// The load hook reads a file itself, checks those bytes, and hands Node the text
// of those bytes: a string, since Node would ask the program's TextDecoder for
// the text of anything else. What a CommonJS module is compiled from passes
// Module.prototype._compile as well, by every way: there it is held against what
// was handed out.

const handed = create(null); // text by path, until it is compiled
const loaded = create(null); // paths of the modules that were handed out, by number
let loadedCount = 0;
const asking = create(null); // who asked for a URL first
let latest; // path of the module that was checked last

const requireScheme = 'nodeint:require/';

function resolve(specifier, context, next) {
  if (startsWith(specifier, requireScheme)) {
    return { __proto__: null, url: specifier, format: 'module', shortCircuit: true };
  }
  const result = next(specifier, context);
  const url = result.url;
  if (startsWith(url, 'node:')) {
    guardBuiltin(slice(url, 5));
    return result;
  }
  if (asking[url] === undefined) {
    asking[url] = { __proto__: null, parentURL: context.parentURL, specifier };
  }
  if (config.steering !== false && startsWith(url, 'file:')) checkSteering(specifier, context.parentURL, url);
  return result;
}

function load(url, context, next) {
  if (startsWith(url, 'node:')) return next(url, context);
  if (startsWith(url, requireScheme)) return preload(url);
  if (startsWith(url, 'data:')) {
    if (!allowed.eval) violation({ __proto__: null, code: 'eval', detail: 'a data: URL would run, which is in no pinned file', asked: asking[url], hint: evalHint });
    return next(url, context);
  }
  const path = pathOf(url);
  if (path === undefined) return next(url, context);
  const asBytes = typeof context.format === 'string' && context.format === 'wasm';
  return hand(path, url, context, next, asBytes ? verified(path, asking[url]) : verifiedText(path, asking[url]));
}

// hand gives Node the source. The default step of import decides on the format
// (which may depend on the source) and checks import attributes: it takes a
// source that is there already, and reads nothing. That of require does read, so
// it is not asked; it would give the format back as it is.
function hand(path, url, context, next, source) {
  const conditions = context.conditions;
  if (!isImport(conditions)) {
    handed[path] = source;
    const format = plugged && isPlugged(path) ? formatOf(path) : context.format;
    return { __proto__: null, format, source, shortCircuit: true };
  }
  const text = typeof source === 'string' && charCodeAt(source, 0) === 0xfeff ? slice(source, 1) : source;
  if (context.format === 'module' && isEmpty(context.importAttributes)) {
    return { __proto__: null, format: 'module', source: text, shortCircuit: true };
  }
  const result = next(url, { __proto__: null, format: context.format, importAttributes: context.importAttributes, conditions, source });
  const format = result.format;
  if (format === 'addon') return result;
  // Node would strip the types before the text is compiled: let require, which is
  // then asked for the same file, do both.
  if (format === 'commonjs-typescript' || format === 'typescript') {
    return { __proto__: null, format: 'commonjs', source: null, shouldBeReloadedByCJSLoader: true, shortCircuit: true };
  }
  if (format === 'commonjs') handed[path] = source;
  return {
    __proto__: null, format, source: format === 'wasm' && typeof source === 'string' ? verified(path) : text,
    shouldBeReloadedByCJSLoader: result.shouldBeReloadedByCJSLoader, shortCircuit: true,
  };
}

function isImport(conditions) {
  for (let i = 0; i < conditions.length; i++) if (conditions[i] === 'import') return true;
  return false;
}

function isEmpty(attributes) {
  for (const _ in attributes) return false;
  return true;
}

// preload is a module that requires what --require named in the folder where
// node was started: Node runs --require before --import, and so before the hook.
function preload(url) {
  const name = stringifyJSON(decode(slice(url, requireScheme.length)));
  return {
    __proto__: null, format: 'module', shortCircuit: true,
    source: 'import { createRequire } from \'node:module\';\ncreateRequire(process.cwd() + \'/\')(' + name + ');\n',
  };
}

// verifiedText returns the text of a file whose bytes are those that were pinned.
// The text is hashed, which is the same for all that is UTF-8 and takes half the
// time; if it is not as pinned, the bytes decide.
function verifiedText(path, asked) {
  const at = placeOf(path);
  const text = at < 0 ? undefined : readText(path);
  if (text !== undefined && matches(at, text)) {
    checked(path);
    return text;
  }
  const bytes = verified(path, asked);
  return utf8Slice(bytes, 0, bytes.length);
}

// placeOf gives the place of a file's record, or -1. Keys are real paths, and
// path may be that of a link.
function placeOf(path) {
  const below = relative(path);
  const at = below === undefined ? -1 : recordOf(below);
  if (at >= 0) return at;
  const real = relative(realOf(path));
  return real === undefined || real === below ? -1 : recordOf(real);
}

// verified returns the bytes of a file, which are those that were pinned.
function verified(path, asked) {
  const at = placeOf(path);
  const bytes = read(path);
  if (at >= 0 && bytes !== undefined && matches(at, bytes)) {
    checked(path);
    return bytes;
  }
  const v = { __proto__: null, path: plugged && isPlugged(path) ? realOf(path) : path, asked, code: at < 0 ? 'unlisted' : 'mismatch' };
  v.detail = at < 0 ? (relative(realOf(path)) === undefined ? 'outside the root, where no key can name it' : 'not in the map') : 'not what was pinned';
  if (at >= 0) v.want = metadata(at);
  v.got = bytes === undefined ? 'nothing that can be read' : metadataOf(at, bytes);
  violation(v);
  return bytes ?? new Bytes(0);
}

function checked(path) {
  loaded[loadedCount++] = path;
  latest = path;
}

function realOf(path) {
  try {
    return realpath(path);
  } catch {
    return plugged ? realPlugged(path) : path;
  }
}

const transformHint = 'if pinned code is meant to change modules (a transpiler, a tracer), start it with --allow transform';

// What stands round every CommonJS module. Node lets it be replaced, and the
// property cannot be made another, so it is looked at before each is compiled.
const { wrap, wrapper } = Module;
const [before, behind] = [wrapper[0], wrapper[1]];

function isWrapped() {
  return Module.wrap === wrap && Module.wrapper === wrapper &&
    getOwnPropertyDescriptor(wrapper, '0')?.value === before && getOwnPropertyDescriptor(wrapper, '1')?.value === behind;
}

// _compile stands in for Module.prototype._compile.
const compileModule = Module.prototype._compile;
function _compile(content, filename, format) {
  const expected = handed[filename];
  if (expected !== undefined) handed[filename] = undefined;
  if (!allowed.transform) {
    if (expected === undefined || content !== expected) checkText(content, filename);
    if (!isWrapped()) violation({ __proto__: null, code: 'transform', path: filename, detail: 'Module.wrapper puts other code round it', hint: transformHint });
  } else if (expected === undefined && typeof filename === 'string') checkFile(filename);
  return apply(compileModule, this, [content, filename, format]);
}

// checkFile holds the file that a text is made of against the map, where the text
// may be another: pinned code may read modules by itself, and change them. A name
// that is no file is made up.
function checkFile(filename) {
  const path = pathOf(filename);
  if (path !== undefined && existsSync(path)) verified(path);
}

// checkText holds a text that the program hands to Node as that of a module
// against the file it names.
function checkText(content, filename) {
  const path = typeof filename === 'string' ? pathOf(filename) : undefined;
  if (allowed.eval && (filename === '[eval]-wrapper' || filename === '[eval]' || filename === '[stdin]-wrapper' || filename === '[stdin]')) return;
  if (typeof content === 'string' && path !== undefined) {
    const at = placeOf(path);
    if (at >= 0 && (matches(at, bytesFrom(content, 'utf8')) || matches(at, bytesFrom('\ufeff' + content, 'utf8')))) return;
  }
  violation({
    __proto__: null, code: 'transform', path, detail: 'its text was changed on the way, or made up',
    hint: transformHint,
  });
}

// A package.json steers what a name means, and Node reads it where no hook sees
// it. So each that may have had a say is held against the map once it has had
// it: those of the folders from the file up to the root, the one of the folder
// that was named, and that of the package. Node keeps what it has read, and so
// once for each is enough.
const steered = create(null);

function checkSteering(specifier, parentURL, url) {
  let path = pathOf(url);
  if (path === undefined) return;
  if (plugged && isPlugged(path)) path = realOf(path);
  checkFolders(folderOf(path));
  const first = charAt(specifier, 0);
  if (first === '.' || first === '/' || first === '#' || startsWith(specifier, 'file:')) {
    checkNamed(specifier, parentURL, path);
    return;
  }
  const name = packageName(specifier);
  const at = lastIndexOf(path, separator + 'node_modules' + separator + name + separator);
  const parent = pathOf(parentURL);
  if (at >= 0) checkSubpath(slice(path, 0, at + 14 + name.length), slice(specifier, name.length), path);
  else if (parent !== undefined) findPackage(folderOf(parent), name, slice(specifier, name.length), path);
}

function checkFolders(dir) {
  while (steered[dir] === undefined) {
    steered[dir] = true;
    checkManifest(dir);
    if (dir === root || !startsWith(dir, root)) return;
    dir = folderOf(dir);
  }
}

// checkNamed looks at the folder that a relative specifier names, if it is a
// folder that led elsewhere.
function checkNamed(specifier, parentURL, path) {
  let parent = pathOf(parentURL);
  if (charAt(specifier, 0) !== '.' || parent === undefined) return;
  if (plugged && isPlugged(parent)) parent = realOf(parent);
  checkSubpath(folderOf(parent), '/' + specifier, path);
}

function checkSubpath(base, subpath, path) {
  let dir = base;
  for (let rest = subpath; rest !== ''; ) {
    const end = indexOf(rest, '/', 1);
    const part = slice(rest, charAt(rest, 0) === '/' ? 1 : 0, end < 0 ? rest.length : end);
    rest = end < 0 ? '' : slice(rest, end);
    if (part === '..') dir = folderOf(dir);
    else if (part !== '' && part !== '.') dir += separator + part;
  }
  if (!startsWith(path, dir) || charAt(path, dir.length) === separator) checkFolders(dir);
}

// findPackage looks at the packages of a name in the folders upward: one of them
// led to path, through a link or by a main outside itself.
function findPackage(dir, name, subpath, path) {
  for (; ; dir = folderOf(dir)) {
    const place = dir + separator + 'node_modules' + separator + name;
    const real = realOf(place);
    checkFolders(real);
    if (steered[real + '\0'] === true) {
      checkSubpath(real, subpath, path);
      return;
    }
    if (dir === root || dir === '') return;
  }
}

function packageName(specifier) {
  const first = indexOf(specifier, '/');
  if (first < 0) return specifier;
  if (charAt(specifier, 0) !== '@') return slice(specifier, 0, first);
  const second = indexOf(specifier, '/', first + 1);
  return second < 0 ? specifier : slice(specifier, 0, second);
}

function checkManifest(dir) {
  const path = dir + separator + 'package.json';
  const below = relative(path);
  if (below === undefined) return;
  const at = recordOf(below);
  // Few folders have one, and an exception takes longer than all else here.
  const text = at >= 0 || existsSync(path) ? readText(path) : undefined;
  const zipped = plugged && isPlugged(path) && isThere(path);
  if (text === undefined && at < 0 && !zipped) return;
  steered[dir + '\0'] = text !== undefined || zipped;
  if (text !== undefined && at >= 0 && matches(at, text)) return;
  const bytes = read(path);
  if (bytes !== undefined && at >= 0 && matches(at, bytes)) return;
  const v = { __proto__: null, path, code: at < 0 ? 'unlisted' : 'mismatch' };
  v.detail = at < 0 ? 'not in the map, and it changes what names mean' : 'not what was pinned';
  if (at >= 0) v.want = metadata(at);
  v.got = bytes === undefined ? 'nothing' : metadataOf(at, bytes);
  violation(v);
}

// The program's own hooks run around ours. Around them goes one more, which sees
// that what comes out is what was handed in.
const registerHooks = Module.registerHooks;
let outermost;

function guardedRegisterHooks(hooks) {
  const handle = registerHooks(hooks);
  if (hooks.load !== undefined) {
    outermost?.deregister();
    outermost = registerHooks({ __proto__: null, load: guard });
  }
  return { deregister: () => handle.deregister() };
}

function guard(url, context, next) {
  if (allowed.transform) return guardFile(url, context, next);
  const before = context.format;
  const result = next(url, context);
  const { format, source } = result;
  if (typeof before === 'string' && format !== before) {
    violation({ __proto__: null, code: 'transform', path: pathOf(url), detail: 'its format was changed from ' + before + ' to ' + format, hint: transformHint });
  }
  if (startsWith(url, 'node:')) {
    if (format !== 'builtin') violation({ __proto__: null, code: 'transform', detail: 'a module of Node would be replaced: ' + url, hint: transformHint });
    return result;
  }
  const path = pathOf(url);
  const out = { __proto__: null, format, source, shouldBeReloadedByCJSLoader: result.shouldBeReloadedByCJSLoader, shortCircuit: true };
  if (source === null || source === undefined) return out;
  if (typeof source === 'string') {
    if (path === undefined || source !== handed[path]) checkText(source, path);
    return out;
  }
  const copy = copyOf(source);
  const at = path === undefined ? -1 : placeOf(path);
  if (at < 0 || !matches(at, copy)) checkText(undefined, path);
  out.source = format === 'wasm' ? copy : utf8Slice(copy, 0, copy.length);
  return out;
}

// guardFile sees, where the text may be changed, that the file was checked: a hook
// need not ask for it.
function guardFile(url, context, next) {
  latest = undefined;
  const result = next(url, context);
  const path = pathOf(url);
  if (path !== undefined && latest !== path) checkFile(path);
  return result;
}

// copyOf copies bytes: the program may hold on to its own, and change them.
function copyOf(source) {
  const bytes = wholeOf(source);
  const copy = new Bytes(arrayParts.length(bytes));
  setBytes(copy, bytes);
  return copy;
}

function wholeOf(source) {
  if (!isView(source)) return new Bytes(source);
  const parts = typedArrayTag(source) === undefined ? viewParts : arrayParts;
  return new Bytes(parts.buffer(source), parts.offset(source), parts.length(source));
}

function enforceModules() {
  registerHooks({ __proto__: null, resolve, load });
  replace(Module.prototype, '_compile', _compile);
  replace(Module, 'registerHooks', guardedRegisterHooks);
  refuse(Module, 'register', (specifier) => ({
    __proto__: null, code: 'loader', detail: 'module.register() would load ' + stringifyJSON(clip('' + specifier)) + ' in a thread where nothing is checked',
    hint: 'use module.registerHooks() with --allow transform',
  }));
  // The compile cache runs what it holds, which is not the source that was checked.
  replace(Module, 'enableCompileCache', function enableCompileCache() {
    return { status: Module.constants?.compileCacheStatus?.DISABLED, message: 'disabled by nodeint' };
  });
}

// replace puts a function in the place of another, under the same name.
function replace(object, name, value) {
  if (object?.[name] === undefined) return;
  const old = getOwnPropertyDescriptor(object, name);
  defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: old?.enumerable ?? true });
}

// refuse makes a call of a function a violation; in a trial period it goes on.
function refuse(object, name, violationOf) {
  const old = object[name];
  replace(object, name, function (...args) {
    violation(violationOf(args[0]));
    return apply(old, this, args);
  });
}
