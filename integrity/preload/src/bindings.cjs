// Node's own bindings, which process.binding returns to everybody.
'use strict';

const { apply, process_ } = require('./primordials.cjs');

const bindingOf = process_.binding;

// nodeBinding returns a binding, as Node's own modules have it, or undefined: under the
// permission model there is no process.binding, and each version of Node has others.
function nodeBinding(name) {
  if (bindingOf === undefined) return undefined;
  try {
    return quietly(() => apply(bindingOf, process_, [name]));
  } catch {
    return undefined;
  }
}

// quietly calls a function without warnings of deprecation: the program has not asked
// for what is deprecated.
function quietly(f) {
  const quiet = process_.noDeprecation;
  process_.noDeprecation = true;
  try {
    return f();
  } finally {
    if (quiet === undefined) delete process_.noDeprecation;
    else process_.noDeprecation = quiet;
  }
}

module.exports = { __proto__: null, bindingOf, nodeBinding, quietly };
