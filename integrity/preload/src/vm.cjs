// node:vm: the code cache of a script. V8 compares the length of the source with a
// cache, not the source, and runs the cache.
'use strict';

const { Bytes, apply, assign, construct, copyOf, create, isView, syncBuiltinESMExports } = require('./primordials.cjs');
const { allowed, isPinnedSomewhere } = require('./image.cjs');
const { replace, replaceConstructor } = require('./patch.cjs');

// guardScripts patches node:vm. A cache that is no pinned file is replaced by an empty
// one, which V8 rejects: then the source is compiled.
function guardScripts(exports) {
  if (allowed.eval) return;
  const { compileFunction } = exports;
  replaceConstructor(exports, 'Script', {
    __proto__: null,
    construct: (target, args, newTarget) => construct(target, [args[0], withPinnedCache(args[1])], newTarget),
  });
  replace(exports, 'compileFunction', function (code, params, options) {
    return apply(compileFunction, this, [code, params, withPinnedCache(options)]);
  });
  syncBuiltinESMExports();
}

function withPinnedCache(given) {
  if (typeof given !== 'object' || given === null) return given;
  const options = assign(create(null), given);
  const { cachedData } = options;
  if (cachedData === undefined) {
    options.cachedData = undefined; // Node would also read it from a prototype
    return options;
  }
  if (!isView(cachedData)) return options; // Node throws
  const copy = copyOf(cachedData);
  options.cachedData = isPinnedSomewhere(copy) ? copy : new Bytes(0);
  return options;
}

module.exports = { __proto__: null, guardScripts };
