// Compiled code that node:vm takes beside a source. V8 compares nothing but the length of
// the source, so the compiled code decides what runs.
'use strict';

const { apply, construct, copyOf, defineProperty, getPrototypeOf, isView, setPrototypeOf } = require('./primordials.cjs');
const { enforceCompilers } = require('./compilers.cjs');
const { allowed, isPinnedSomewhere } = require('./image.cjs');
const { replace, replaceConstructor } = require('./patch.cjs');

// guardBytecode patches node:vm: compiled code of no pinned file is not used, as if V8 had
// rejected it.
function guardBytecode(exports) {
  enforceCompilers(exports);
  if (allowed.transform) return;
  const { compileFunction, createScript, runInContext, runInThisContext, Script } = exports;
  replaceConstructor(exports, 'Script', {
    __proto__: null,
    construct: (target, args, newTarget) => withoutCache(args[1], (options) => construct(target, [args[0], options], newTarget)),
  });
  setPrototypeOf(exports.Script, getPrototypeOf(getPrototypeOf(Script))); // not the native class
  guardModules(exports);
  replace(exports, 'createScript', function (code, options) {
    return withoutCache(options, (given) => apply(createScript, this, [code, given]));
  });
  replace(exports, 'compileFunction', function (code, params, options) {
    return withoutCache(options, (given) => apply(compileFunction, this, [code, params, given]));
  });
  replace(exports, 'runInContext', function (code, context, options) {
    return apply(runInContext, this, [code, context, checkedOptions(options)]);
  });
  replace(exports, 'runInThisContext', function (code, options) {
    return apply(runInThisContext, this, [code, checkedOptions(options)]);
  });
}

// guardModules guards the parent of the classes of modules: a subclass of the program hands it
// compiled code as well. The classes call the one that is their prototype.
function guardModules(exports) {
  if (exports.Module === undefined) return;
  replaceConstructor(exports, 'Module', {
    __proto__: null,
    construct: (target, args, newTarget) => withoutCache(args[0], (options) => construct(target, [options], newTarget)),
  });
  setPrototypeOf(exports.SourceTextModule, exports.Module);
  setPrototypeOf(exports.SyntheticModule, exports.Module);
}

// withoutCache compiles with checked options. What it returns says that V8 has rejected
// the compiled code, if it was left out.
function withoutCache(options, compile) {
  const given = checkedOptions(options);
  const out = compile(given);
  if (given?.wasRejected === true) defineProperty(out, 'cachedDataRejected', { __proto__: null, value: true, writable: true, enumerable: true, configurable: true });
  return out;
}

// checkedOptions returns a copy of the options, without compiled code that is not pinned.
function checkedOptions(options) {
  if (typeof options === 'string') return { __proto__: null, filename: options };
  if (typeof options !== 'object' || options === null) return options;
  const out = { __proto__: null, ...options };
  const data = out.cachedData ?? options.cachedData;
  out.cachedData = undefined;
  if (data === undefined || data === null) return out;
  if (!isView(data)) { // Node throws
    out.cachedData = data;
    return out;
  }
  const copy = copyOf(data);
  if (isPinnedSomewhere(copy)) out.cachedData = copy;
  else out.wasRejected = true;
  return out;
}

module.exports = { __proto__: null, checkedOptions, guardBytecode };
