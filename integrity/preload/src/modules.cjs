// Modules: import, require, JSON, TypeScript and WebAssembly modules, through
// module.registerHooks.
//
// The load hook reads a file itself, checks those bytes, and hands Node the text
// of those bytes: a string, since Node would ask the program's TextDecoder for
// the text of anything else. The text of every CommonJS module also passes
// Module.prototype._compile. There it is compared with what was handed out.
'use strict';

const {
  Module, apply, charCodeAt, copyOf, create, decode, dirname, endsWith, existsSync, getOwnPropertyDescriptor, hrefOf, indexOf, lastIndexOf,
  pathToFileURL, registerHooks, separator, slice, startsWith, stringifyJSON, utf8Slice,
} = require('./primordials.cjs');
const { allowed, matches, relative } = require('./image.cjs');
const { isPnpPath, usesPnp } = require('./files.cjs');
const { isImport, pathOf, requireScheme } = require('./urls.cjs');
const { clip, evalHint, transformHint, violation } = require('./violations.cjs');
const { isTrustedText } = require('./trusted.cjs');
const { placeOf, verified, verifiedFiles, verifiedText } = require('./verify.cjs');
const { refuse, replace } = require('./patch.cjs');
const { formatByType, hasNames, isPinned } = require('./names.cjs');
const { checkNearest } = require('./packagejson.cjs');
const { asking, enforceResolution, resolve } = require('./resolve.cjs');

const formatOfPnp = usesPnp ? require('./pnp.cjs').formatOf : undefined;

const handed = create(null); // text by path, until it is compiled

// load is the load hook.
function load(url, context, next) {
  if (startsWith(url, 'node:')) return next(url, context);
  if (startsWith(url, requireScheme)) return requireModule(url);
  if (startsWith(url, 'data:')) {
    if (!allowed.eval) violation({ __proto__: null, code: 'eval', detail: 'a data: URL would run, which is in no pinned file', asked: asking[url], hint: evalHint });
    return next(url, context);
  }
  const path = pathOf(url);
  if (path === undefined) return next(url, context);
  const pinned = pinnedFormat(path);
  const format = pinned === undefined ? context.format : checkedFormat(path, context.format, pinned);
  const asBytes = typeof format === 'string' ? format === 'wasm' : endsWith(path, '.wasm');
  const source = asBytes ? verified(path, asking[url]) : verifiedText(path, asking[url]);
  return hand(path, url, format, context, next, source, pinned === 'none' && endsWith(path, '.js'));
}

// pinnedFormat returns the format that the map gives a file, "none" if the text decides,
// or undefined if the map does not say.
function pinnedFormat(path) {
  if (!hasNames) return undefined;
  const below = relative(path);
  if (below === undefined || !isPinned(below)) return undefined;
  const format = formatByType(below);
  if (format === 'none' ? endsWith(path, '.ts') : indexOf(path, '.', lastIndexOf(path, separator)) < 0) checkNearest(dirname(path));
  return format;
}

// checkedFormat returns the format of a file. Node has read package.json files itself if
// the resolve hook did not answer, or gave no format.
function checkedFormat(path, got, pinned) {
  if (got === undefined || got === null) return pinned === 'none' ? undefined : pinned;
  const isWrong = pinned === 'none' ? got === 'module' || got === 'module-typescript' : got !== pinned;
  if (!isWrong || changesResolution.yes) return got;
  checkNearest(dirname(path));
  if (pinned !== 'none') return pinned;
  violation({ __proto__: null, code: 'mismatch', path, detail: 'Node found another type in a package.json than the pinned one' });
  return got;
}

// typelessURL is the URL of a file for which Node finds no package.json: with it, Node
// decides by the text alone whether a file is an ES module.
const typelessURL = hrefOf(pathToFileURL(separator === '/' ? '/nodeint.js' : 'C:\\nodeint.js'));

// hand gives Node the source. Node's own load step for import chooses the format
// (which may depend on the source) and checks import attributes. It takes the source
// that it is given, and reads nothing. Node's own step for require does read, so it is
// not called: it would return the format as it is.
function hand(path, url, format, context, next, source, isTypeless) {
  const conditions = context.conditions;
  if (!isImport(conditions)) {
    handed[path] = source;
    return { __proto__: null, format: isPnpPath(path) ? formatOfPnp(path) : format, source, shortCircuit: true };
  }
  const text = typeof source === 'string' && charCodeAt(source, 0) === 0xfeff ? slice(source, 1) : source;
  if (format === 'module' && isEmpty(context.importAttributes)) {
    return { __proto__: null, format: 'module', source: text, shortCircuit: true };
  }
  // Node finds no format for an empty text, and then rejects the result of its own step.
  const nonEmpty = source === '' ? '\n' : source;
  const given = { __proto__: null, format, importAttributes: context.importAttributes, conditions, source: nonEmpty };
  const result = next(isTypeless ? typelessURL : url, given);
  const found = result.format;
  if (isTypeless && found === 'module') next(url, given); // Node's warning names the file
  if (found === 'addon') return result;
  // Node would strip the types before it compiles the text. Instead, require, which
  // Node then calls for the same file, does both.
  if (found === 'commonjs-typescript' || found === 'typescript') {
    return { __proto__: null, format: 'commonjs', source: null, shouldBeReloadedByCJSLoader: true, shortCircuit: true };
  }
  if (found === 'commonjs') handed[path] = source;
  return {
    __proto__: null, format: found, source: found === 'wasm' && typeof source === 'string' ? verified(path) : text,
    shouldBeReloadedByCJSLoader: result.shouldBeReloadedByCJSLoader, shortCircuit: true,
  };
}

function isEmpty(attributes) {
  for (const _ in attributes) return false;
  return true;
}

// requireModule returns a module that requires what --require named, in the directory
// in which node was started: Node runs --require before --import, so before the preload.
function requireModule(url) {
  const name = stringifyJSON(decode(slice(url, requireScheme.length)));
  return {
    __proto__: null, format: 'module', shortCircuit: true,
    source: 'import { createRequire } from \'node:module\';\ncreateRequire(process.cwd() + \'/\')(' + name + ');\n',
  };
}

// Module.wrapper is the text around every CommonJS module. Node lets the program
// replace it, and the property cannot be redefined, so it is checked before each
// module is compiled.
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
  return apply(compileModule, this, [content, filename, compiledFormat(filename, format)]);
}

// compiledFormat returns the format with which a text is compiled. Node 22 reads the
// package.json once more for a CommonJS module that is imported.
function compiledFormat(filename, format) {
  if (!hasNames || typeof format !== 'string' || typeof filename !== 'string') return format;
  const pinned = pinnedFormat(filename);
  return pinned === undefined ? format : checkedFormat(filename, format, pinned);
}

// checkFile compares the file of a text with the map if the text may be another:
// pinned code may read modules itself, and change them. A name that is no file is
// made up.
function checkFile(filename) {
  const path = pathOf(filename);
  if (path !== undefined && existsSync(path)) verified(path);
}

// checkText compares the text that the program hands to Node for a module with the
// pinned file of that name.
function checkText(content, filename) {
  const path = typeof filename === 'string' ? pathOf(filename) : undefined;
  if (allowed.eval && (filename === '[eval]-wrapper' || filename === '[eval]' || filename === '[stdin]-wrapper' || filename === '[stdin]')) return;
  if (typeof content === 'string' && path !== undefined) {
    const at = placeOf(path);
    if (at >= 0 && (matches(at, content) || matches(at, '\ufeff' + content))) return;
    if (at < 0 && (isTrustedText(path, content) || isTrustedText(path, '\ufeff' + content))) return;
  }
  violation({
    __proto__: null, code: 'transform', path, detail: 'its text was changed on the way, or made up',
    hint: transformHint,
  });
}

// The program's own hooks run around the preload's. Around those runs one more, which
// checks that what comes out is what was handed in.
let outermost;
const changesResolution = { __proto__: null, yes: false }; // a hook of the program may give a module another format

function guardedRegisterHooks(hooks) {
  const handle = registerHooks(hooks);
  if (hooks.resolve !== undefined) changesResolution.yes = true;
  if (hooks.load !== undefined) {
    outermost?.deregister(); // eslint-disable-line preload/primordials -- a hook that stays registered only checks twice
    outermost = registerHooks({ __proto__: null, load: guard });
  }
  // eslint-disable-next-line preload/primordials -- the program gets it, and expects an ordinary object
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
  if (at < 0 ? path === undefined || !isTrustedText(path, copy) : !matches(at, copy)) checkText(undefined, path);
  out.source = format === 'wasm' ? copy : utf8Slice(copy, 0, copy.length);
  return out;
}

// guardFile checks, if the text may be changed, that the file was verified: a hook
// need not call the next one.
function guardFile(url, context, next) {
  verifiedFiles.latest = undefined;
  const result = next(url, context);
  const path = pathOf(url);
  if (path !== undefined && verifiedFiles.latest !== path) checkFile(path);
  return result;
}

function enforceModules() {
  registerHooks({ __proto__: null, resolve, load });
  enforceResolution();
  replace(Module.prototype, '_compile', _compile);
  replace(Module, 'registerHooks', guardedRegisterHooks);
  refuse(Module, 'register', (specifier) => ({
    __proto__: null, code: 'loader', detail: 'module.register() would load ' + stringifyJSON(clip('' + specifier)) + ' in a thread where nothing is checked',
    hint: 'use module.registerHooks() with --allow transform',
  }));
  // Code in the compile cache is not the source that was checked.
  replace(Module, 'enableCompileCache', function enableCompileCache() {
    // eslint-disable-next-line preload/primordials -- the program gets it, and expects an ordinary object
    return { status: Module.constants?.compileCacheStatus?.DISABLED, message: 'disabled by nodeint' };
  });
}

module.exports = { __proto__: null, enforceModules, requireModule };
