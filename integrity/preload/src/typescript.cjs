// TypeScript: the JavaScript of a file depends on the text of the file alone.
//
// Node strips the types after a text was checked, with functions that the program can
// replace: those of TextDecoder, Uint8Array, Array, Object and others. Its stripper also
// reads options from Object.prototype, and keeps its memory from one file to the next. So
// the preload runs Node's stripper in a context of its own, of which the program gets no
// object, and hands Node JavaScript.
'use strict';

const {
  SafeError, SafeSyntaxError, apply, base64Slice, base64Write, builtin, defineProperty, getOwnPropertyDescriptor, hrefOf, indexOf, pathToFileURL, process_, separator, slice,
  startsWith, utf8Slice, utf8Write,
} = require('./primordials.cjs');
const { nativeTexts } = require('./bindings.cjs');
const { allowed } = require('./image.cjs');
const { violation } = require('./violations.cjs');

// contextSource runs in the context, and returns the function that strips types. What it
// returns and throws does not leave this file: all that does is strings.
const contextSource = `'use strict';
Error.stackTraceLimit = 0;
Error.prepareStackTrace = () => '';
class TextDecoder {
  decode(bytes) { return bytes === undefined ? '' : utf8Slice(bytes, 0, bytes.length); }
}
class TextEncoder {
  encode(text) {
    const bytes = new Uint8Array(text.length * 3);
    return bytes.subarray(0, utf8Write(bytes, text, 0, bytes.length));
  }
  encodeInto(text, bytes) { return { read: text.length, written: utf8Write(bytes, text, 0, bytes.length) }; }
}
const Buffer = {
  from(text) {
    const bytes = new Uint8Array(text.length);
    return bytes.subarray(0, base64Write(bytes, text, 0, bytes.length));
  },
};
function require(name) {
  if (name === 'util' || name === 'node:util') return { TextDecoder, TextEncoder };
  if (name === 'buffer' || name === 'node:buffer') return { Buffer };
  throw new Error('');
}
Object.assign(globalThis, { TextDecoder, TextEncoder });
const module = { exports: {} };
stripper(module.exports, require, module);
return (text, mode, sourceMap, filename) => {
  try {
    const { code, map } = module.exports.transformSync(text, { mode, sourceMap, filename });
    if (!map) return { code: String(code) };
    const bytes = new TextEncoder().encode(map);
    return { code: String(code), map: base64Slice(bytes, 0, bytes.length) };
  } catch (error) {
    return { kind: String(error?.code), message: String(error?.message), snippet: error?.filename + ':' + error?.startLine + '\\n' + error?.snippet };
  }
};`;

const mode = process_.features.typescript === 'transform' ? 'transform' : 'strip-only';
const makesMaps = process_.sourceMapsEnabled === true; // at the start, so by a flag
const namesByPath = startsWith(process_.version, 'v22.');
const { emitWarning } = process_;

let createContext, compileFunction, DONT_CONTEXTIFY;

// enforceTypeScript takes the functions of node:vm before the program can replace them.
function enforceTypeScript() {
  const vm = builtin('vm');
  ({ createContext, compileFunction } = vm);
  DONT_CONTEXTIFY = vm.constants?.DONT_CONTEXTIFY;
}

// formatWithoutTypes returns the format of a module once its types are stripped.
function formatWithoutTypes(format) {
  return format === 'module-typescript' ? 'module' : format === 'commonjs-typescript' ? 'commonjs' : undefined;
}

// stripsItself reports whether the preload strips the types of a module. With --allow
// transform, the program may change the text of modules anyway.
function stripsItself(format) {
  return !allowed.transform && (format === 'module-typescript' || format === 'commonjs-typescript' || format === 'typescript');
}

// isPackaged reports whether Node refuses to strip the types of a file. Node is then given
// an empty text, for which it throws the same.
function isPackaged(path) {
  return indexOf(path, separator + 'node_modules' + separator) >= 0;
}

let strip; // the function in the context

// stripTypes returns the JavaScript of a text, as Node would compile it. The URL is that
// of an ES module.
function stripTypes(text, path, url) {
  const name = url ?? (namesByPath ? path : hrefOf(pathToFileURL(path)));
  const result = call(text, path, name);
  if (result === undefined) return text;
  if (result.code === undefined) throw errorOf(result);
  if (result.map !== undefined) return result.code + '\n\n//# sourceMappingURL=data:application/json;base64,' + result.map;
  return result.code + '\n\n//# sourceURL=' + name;
}

// call calls the function in the context, and hides what it throws, which is an object of
// the context. After an exception such as that of a full stack, the memory of the stripper
// may be in any state: the next file gets a new one.
function call(text, path, name) {
  if (strip === undefined) {
    const source = stripperText();
    if (source === undefined) {
      violation({
        __proto__: null, code: 'transform', path, detail: 'its types cannot be stripped apart from the program: the text of Node\'s own modules is not available',
        hint: 'compile it to JavaScript. Without the permission model of node, Node strips its types; or start the program with --allow transform',
      });
      return undefined;
    }
    warn();
    try {
      strip = start(source);
    } catch {}
  }
  const own = strip;
  strip = undefined;
  let result;
  try {
    result = own(text, mode, makesMaps, name);
  } catch {}
  if (result === undefined) throw new SafeError('cannot strip the types of ' + path);
  if (result.code === undefined && !isSyntax(result.kind)) throw new SafeError('cannot strip the types of ' + path + ': ' + result.message);
  strip = own;
  return result;
}

// warn gives the warning that Node gives when it first changes TypeScript.
let warned = mode !== 'transform';
function warn() {
  if (warned) return;
  warned = true;
  apply(emitWarning, process_, ['Transform Types is an experimental feature and might change at any time', 'ExperimentalWarning']);
}

function stripperText() {
  const texts = nativeTexts();
  return texts === undefined ? undefined : getOwnPropertyDescriptor(texts, 'internal/deps/amaro/dist/index')?.value;
}

// start makes the context. Its functions get no object of the program's context but those
// that read and write bytes.
function start(source) {
  const context = createContext(DONT_CONTEXTIFY ?? { __proto__: null }, { __proto__: null, name: 'nodeint' });
  const options = { __proto__: null, parsingContext: context };
  const stripper = compileFunction(source, ['exports', 'require', 'module'], options);
  const begin = compileFunction(contextSource, ['stripper', 'utf8Slice', 'utf8Write', 'base64Slice', 'base64Write'], options);
  return begin(stripper, utf8Slice, utf8Write, base64Slice, base64Write);
}

function isSyntax(kind) {
  return kind === 'InvalidSyntax' || kind === 'UnsupportedSyntax';
}

// errorOf returns the error that Node throws for a text that is no TypeScript, or none
// whose types can be stripped.
function errorOf(result) {
  const code = result.kind === 'InvalidSyntax' ? 'ERR_INVALID_TYPESCRIPT_SYNTAX' : 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
  const error = new SafeSyntaxError(result.message);
  defineProperty(error, 'code', { __proto__: null, value: code, writable: true, enumerable: true, configurable: true });
  defineProperty(error, 'toString', { __proto__: null, value() { return this.name + ' [' + code + ']: ' + this.message; }, writable: true, enumerable: false, configurable: true });
  const { stack } = error;
  if (typeof stack === 'string') {
    const at = indexOf(stack, '\n    at ');
    const frames = at < 0 ? '' : slice(stack, at);
    const value = result.snippet + '\nSyntaxError [' + code + ']: ' + result.message + frames;
    defineProperty(error, 'stack', { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  }
  return error;
}

module.exports = { __proto__: null, enforceTypeScript, formatWithoutTypes, isPackaged, stripTypes, stripsItself };
