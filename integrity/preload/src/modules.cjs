// Modules: import, require, JSON, TypeScript and WebAssembly modules, through
// module.registerHooks.
//
// The load hook reads a file itself, checks those bytes, and hands Node the text
// of those bytes: a string, since Node would ask the program's TextDecoder for
// the text of anything else. The text of every CommonJS module also passes
// Module.prototype._compile. There it is compared with what was handed out.
'use strict';

const {
  Module, absolute, apply, charCodeAt, copyOf, create, decode, dirname, encode, endsWith, existsSync, getOwnPropertyDescriptor, hrefOf, indexOf, isBuiltin, lastIndexOf,
  pathToFileURL, registerHooks, separator, slice, startsWith, stringifyJSON, textOf, utf8Slice,
} = require('./primordials.cjs');
const { allowed, matches, relative } = require('./image.cjs');
const { isPnpPath, read, usesPnp } = require('./files.cjs');
const { guardBuiltin } = require('./builtins.cjs');
const { closeModules } = require('./compilers.cjs');
const { isImport, pathOf, requireScheme, schemeOf } = require('./urls.cjs');
const { clip, evalHint, transformHint, violation } = require('./violations.cjs');
const { isTrustedText } = require('./trusted.cjs');
const { placeOf, verified, verifiedFiles, verifiedText } = require('./verify.cjs');
const { refuse, replace } = require('./patch.cjs');
const { formatByType, hasNames, isPinned } = require('./names.cjs');
const { checkNearest } = require('./packagejson.cjs');
const { asking, enforceResolution, resolve } = require('./resolve.cjs');
const { enforceTypeScript, formatWithoutTypes, isPackaged, stripTypes, stripsItself } = require('./typescript.cjs');

const formatOfPnp = usesPnp ? require('./pnp.cjs').formatOf : undefined;

const handed = create(null); // text by path, until it is compiled

// load is the load hook. A hook of the program may hand it any URL, and any object in
// place of one.
function load(given, context, next) {
  const url = textOf(given);
  const byImport = isImport(context.conditions);
  if (isBuiltin(url) && (startsWith(url, 'node:') || !byImport)) {
    guardBuiltin(withoutScheme(url));
    // Node rejects the result of its own step for a name without the scheme.
    return startsWith(url, 'node:') ? next(url, context) : { __proto__: null, format: 'builtin', source: '', shortCircuit: true };
  }
  if (startsWith(url, requireScheme)) return requireModule(url);
  if (byImport && startsWith(url, 'data:')) {
    if (!allowed.eval) violation({ __proto__: null, code: 'eval', detail: 'a data: URL would run, which is in no pinned file', asked: asking[url], hint: evalHint });
    return next(url, context);
  }
  const path = byImport ? (startsWith(url, 'file:///') ? pathOf(url) : undefined) : pathOf(url) ?? absolute(url);
  if (path === undefined) return loadUnknown(url, context, next);
  const pinned = pinnedFormat(path);
  const format = pinned === undefined ? context.format : checkedFormat(path, context.format, pinned);
  const asBytes = byImport && (typeof format === 'string' ? format === 'wasm' : endsWith(path, '.wasm'));
  const source = asBytes ? verified(path, asking[url]) : verifiedText(path, asking[url]);
  return hand(path, url, format, context, next, source, pinned === 'none' && (endsWith(path, '.js') || stripsItself('typescript')), byImport);
}

function withoutScheme(name) {
  return startsWith(name, 'node:') ? slice(name, 5) : name;
}

// loadUnknown refuses a URL that a hook of the program made: one of the schemes that
// Node loads, in another spelling. For all other schemes Node throws.
function loadUnknown(url, context, next) {
  const scheme = schemeOf(url);
  const result = scheme === 'file:' || scheme === 'data:' || scheme === 'node:' ? undefined : next(url, context);
  violation({
    __proto__: null, code: 'transform', asked: asking[url],
    detail: 'a hook would load a module from ' + stringifyJSON(clip(url)) + ', which is no file:///, node: or data: URL in its usual spelling',
    hint: 'make the URL with pathToFileURL() of node:url',
  });
  return result ?? next(url, context);
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
function hand(path, url, format, context, next, source, isTypeless, byImport) {
  const conditions = context.conditions;
  if (!byImport) {
    handed[path] = source;
    return { __proto__: null, format: isPnpPath(path) ? formatOfPnp(path) : format, source, shortCircuit: true };
  }
  // Without --import, Node loads the main module of a process or thread by require.
  const isMain = asking[url] !== undefined && asking[url].parentURL === undefined;
  if (isMain && format === 'json') return requireModule(requireScheme + encode(path));
  const text = typeof source === 'string' && charCodeAt(source, 0) === 0xfeff ? slice(source, 1) : source;
  if ((format === 'module' || format === 'module-typescript') && isEmpty(context.importAttributes)) {
    return withoutTypes(url, { __proto__: null, format, source: text, shortCircuit: true });
  }
  if (isTypeless && !endsWith(path, '.js')) return handScript(path, url, context, next, text);
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
    return outermost === undefined ? reloaded() : { __proto__: null, format: found, source: text, shortCircuit: true };
  }
  if (found === 'commonjs') handed[path] = source;
  return withoutTypes(url, {
    __proto__: null, format: found, source: found === 'wasm' && typeof source === 'string' ? verified(path) : isMain && found === 'commonjs' ? source : text,
    shouldBeReloadedByCJSLoader: result.shouldBeReloadedByCJSLoader, shortCircuit: true,
  });
}

// reloaded returns the result that makes Node's import call require for the same file.
function reloaded() {
  return { __proto__: null, format: 'commonjs', source: null, shouldBeReloadedByCJSLoader: true, shortCircuit: true };
}

// handScript gives Node a .ts file whose format its text decides: the text without types.
function handScript(path, url, context, next, text) {
  const { importAttributes, conditions } = context;
  const stripped = isPackaged(path) ? '' : stripTypes(text, path, url);
  const given = { __proto__: null, format: undefined, importAttributes, conditions, source: stripped === '' ? '\n' : stripped };
  const isModule = next(typelessURL, given).format === 'module';
  if (isModule) next(url, { __proto__: null, ...given, source: 'export {}' }); // Node's warning names the file
  if (outermost !== undefined) return { __proto__: null, format: isModule ? 'module-typescript' : 'commonjs-typescript', source: text, shortCircuit: true };
  return isModule ? { __proto__: null, format: 'module', source: stripped, shortCircuit: true } : reloaded();
}

// withoutTypes strips the types of what Node would import, unless a hook of the program
// has to see them.
function withoutTypes(url, result) {
  return outermost === undefined ? stripped(url, result) : result;
}

function stripped(url, result) {
  const { format, source } = result;
  if (!stripsItself(format)) return result;
  if (format !== 'module-typescript') return reloaded();
  const path = pathOf(url) ?? url;
  if (isPackaged(path) || typeof source !== 'string') return { __proto__: null, format, source: '', shortCircuit: true };
  return { __proto__: null, format: 'module', source: stripTypes(source, path, url), shortCircuit: true };
}

// outermost is the hook around those of the program, once it has some: they see
// TypeScript, and what they return must not reach Node's own stripper.
let outermost;

function moveOutward() {
  if (allowed.transform) return;
  // eslint-disable-next-line preload/primordials -- the program gets no handle of Node, so not its prototype
  outermost?.deregister();
  outermost = registerHooks({
    __proto__: null, load: (url, context, next) => {
      const result = next(url, context);
      return isImport(context.conditions) ? stripped(textOf(url), result) : result;
    },
  });
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
  const expected = typeof filename === 'string' ? handed[filename] : undefined;
  if (expected !== undefined) handed[filename] = undefined;
  if (!allowed.transform) {
    if (expected === undefined || content !== expected) checkText(content, filename);
    if (!isWrapped()) violation({ __proto__: null, code: 'transform', path: filename, detail: 'Module.wrapper puts other code round it', hint: transformHint });
  } else if (expected === undefined && typeof filename === 'string') checkFile(filename);
  const actual = compiledFormat(filename, format);
  if (actual !== 'commonjs') closeModules(); // the text decides, or it is an ES module
  if (!stripsItself(actual) || typeof content !== 'string' || typeof filename !== 'string') return apply(compileModule, this, [content, filename, actual]);
  if (isPackaged(filename)) return apply(compileModule, this, ['', filename, actual]);
  return apply(compileModule, this, [stripTypes(content, filename), filename, formatWithoutTypes(actual)]);
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
    if (at >= 0 && isDecoded(path, at, content)) return;
  }
  violation({
    __proto__: null, code: 'transform', path, detail: 'its text was changed on the way, or made up',
    hint: transformHint,
  });
}

// isDecoded reports whether a text is what Node reads from a pinned file that is not
// UTF-8.
function isDecoded(path, at, content) {
  const bytes = read(path);
  if (bytes === undefined || !matches(at, bytes)) return false;
  const text = utf8Slice(bytes, 0, bytes.length);
  return text === content || text === '\ufeff' + content;
}

// The program's own hooks run around the preload's. Each of its load hooks is wrapped in
// one that checks the result. What the program gives is read once.
const changesResolution = { __proto__: null, yes: false }; // a hook of the program may give a module another format

function guardedRegisterHooks(hooks) {
  const { resolve, load } = hooks;
  closeModules(); // these hooks need not call those of the preload
  if (resolve !== undefined) changesResolution.yes = true;
  const handle = registerHooks({ __proto__: null, resolve, load: typeof load === 'function' ? guarded(load) : load });
  if (typeof load === 'function') moveOutward();
  // eslint-disable-next-line preload/primordials -- the program gets it, and expects an ordinary object
  return { deregister: () => handle.deregister() };
}

function guarded(load) {
  return (url, context, next) => {
    const before = context.format;
    verifiedFiles.latest = undefined;
    const result = apply(load, undefined, [url, context, next]);
    if (typeof result !== 'object' || result === null) return result; // Node throws
    const { format, source, shortCircuit, shouldBeReloadedByCJSLoader } = result;
    const out = { __proto__: null, format, source, shouldBeReloadedByCJSLoader, shortCircuit };
    checkBuiltin(url, out);
    if (out.format === 'builtin') return out;
    if (allowed.transform) checkTransformed(url);
    else checkUntransformed(url, before, out);
    return out;
  };
}

// checkBuiltin checks that a module of Node stays one, and that nothing else is one.
function checkBuiltin(url, out) {
  if (!isBuiltin(url)) {
    if (out.format === 'builtin') violation({ __proto__: null, code: 'transform', detail: 'a module of Node would be loaded as ' + stringifyJSON(clip(url)) });
    return;
  }
  guardBuiltin(withoutScheme(url));
  if (out.format === 'builtin') out.source = '';
  else if (!allowed.transform) violation({ __proto__: null, code: 'transform', detail: 'a module of Node would be replaced: ' + url, hint: transformHint });
}

// checkUntransformed checks that the text and the format are those of the pinned file. It
// puts a copy in the place of bytes, which the program could change.
function checkUntransformed(url, before, out) {
  const { format, source } = out;
  const path = pathOf(url);
  if (typeof before === 'string' && format !== before) {
    violation({ __proto__: null, code: 'transform', path, detail: 'its format was changed from ' + before + ' to ' + format, hint: transformHint });
  }
  if (source === null || source === undefined) return;
  if (typeof source === 'string') {
    if (path === undefined || source !== handed[path]) checkText(source, path);
    return;
  }
  const copy = copyOf(source);
  const at = path === undefined ? -1 : placeOf(path);
  if (at < 0 ? path === undefined || !isTrustedText(path, copy) : !matches(at, copy)) checkText(undefined, path);
  out.source = format === 'wasm' ? copy : utf8Slice(copy, 0, copy.length);
}

// checkTransformed checks, if the text may be changed, that the file was verified: a
// hook need not call the next one.
function checkTransformed(url) {
  const path = pathOf(url);
  if (path !== undefined && verifiedFiles.latest !== path) checkFile(path);
}

function enforceModules() {
  registerHooks({ __proto__: null, resolve, load });
  enforceTypeScript();
  enforceResolution();
  replace(Module.prototype, '_compile', _compile);
  replace(Module, 'registerHooks', guardedRegisterHooks);
  refuse(Module, 'register', (specifier) => ({
    __proto__: null, code: 'loader', detail: 'module.register() would load ' + stringifyJSON(clip('' + specifier)) + ' in a thread where nothing is checked',
    hint: 'use module.registerHooks() with --allow transform. For tracers that need other flags then: nodeint explain loader',
  }));
  // Code in the compile cache is not the source that was checked.
  replace(Module, 'enableCompileCache', function enableCompileCache() {
    // eslint-disable-next-line preload/primordials -- the program gets it, and expects an ordinary object
    return { status: Module.constants?.compileCacheStatus?.DISABLED, message: 'disabled by nodeint' };
  });
}

module.exports = { __proto__: null, enforceModules, requireModule };
