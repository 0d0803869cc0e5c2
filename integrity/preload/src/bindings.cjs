// Node's own bindings, which process.binding returns to everybody.
'use strict';

const { ObjectPrototype, apply, create, defineProperty, getOwnPropertyDescriptor, hasOwn, ownKeys, process_ } = require('./primordials.cjs');

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

// nativeTexts returns the texts of Node's own modules by name, or undefined. Node makes the
// object by assignment, which calls the setters that the program has put on
// Object.prototype: one for a name of these could change the texts. So they are taken away
// meanwhile.
function nativeTexts() {
  if (bindingOf === undefined) return undefined;
  return quietly(() => {
    const hidden = create(null);
    try {
      if (!hideAccessors(hidden)) return undefined;
      return apply(bindingOf, process_, ['natives']);
    } catch {
      return undefined;
    } finally {
      const names = ownKeys(hidden);
      for (let i = 0; i < names.length; i++) defineProperty(ObjectPrototype, names[i], hidden[names[i]]);
    }
  });
}

// hideAccessors moves the accessors of Object.prototype to a table. It reports whether none
// is left.
function hideAccessors(hidden) {
  const names = ownKeys(ObjectPrototype);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const own = getOwnPropertyDescriptor(ObjectPrototype, name);
    if (name === '__proto__' || hasOwn(own, 'value')) continue;
    if (!own.configurable) return false;
    hidden[name] = { __proto__: null, get: own.get, set: own.set, enumerable: own.enumerable, configurable: true };
    delete ObjectPrototype[name];
  }
  return true;
}

module.exports = { __proto__: null, bindingOf, nativeTexts, nodeBinding, quietly };
