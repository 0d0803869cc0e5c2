// Patches of Node's and JavaScript's functions. docs/preload.md lists all of them,
// and a test compares the list with the calls of these functions.
'use strict';

const {
  apply, assign, construct, create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, setPrototypeOf, syncBuiltinESMExports,
} = require('./primordials.cjs');
const { violation } = require('./violations.cjs');

// replace puts a function in the place of another, under the same name.
function replace(object, name, value) {
  if (object?.[name] === undefined) return;
  const old = getOwnPropertyDescriptor(object, name);
  defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: old?.enumerable ?? true });
}

// replaceForGood does the same, and the program cannot undo it.
function replaceForGood(object, name, value) {
  defineProperty(object, name, { __proto__: null, value, writable: false, configurable: false, enumerable: true });
}

// replaceConstructor puts a function in the place of a constructor, and of the property
// constructor of what it makes.
function replaceConstructor(object, name, handler) {
  replace(object, name, standIn(object[name], handler));
}

// standIn returns a function for the place of a constructor. It is no proxy: util.inspect
// with showProxy hands the target of a proxy to the program. The handler has apply and
// construct, as that of a proxy has them.
function standIn(old, handler) {
  const { apply: call = apply, construct: make = construct } = handler;
  const stand = function (...args) {
    if (new.target === undefined) return call(old, this, args);
    return make(old, args, new.target === stand ? old : new.target);
  };
  setPrototypeOf(stand, getPrototypeOf(old));
  const names = ownKeys(old);
  for (let i = 0; i < names.length; i++) {
    const own = getOwnPropertyDescriptor(old, names[i]);
    if (names[i] !== 'prototype') defineProperty(stand, names[i], assign(create(null), own));
    else defineProperty(stand, 'prototype', { __proto__: null, value: own.value, writable: own.writable });
  }
  if (old.prototype !== undefined) {
    defineProperty(old.prototype, 'constructor', { __proto__: null, value: stand, writable: true, configurable: true, enumerable: false });
  }
  return stand;
}

// refuse makes a call of a function a violation. Under --on-violation log the call
// goes on.
function refuse(object, name, violationOf) {
  const old = object[name];
  replace(object, name, function (argument) {
    violation(violationOf(argument));
    return apply(old, this, arguments);
  });
}

// closeClass takes away the way from an object of Node to its native class.
function closeClass(prototype) {
  defineProperty(prototype, 'constructor', { __proto__: null, value: undefined, writable: false, configurable: false, enumerable: false });
}

let begun = false; // the program

// shareExports gives the modules that import a module of Node what was replaced in it. Before the
// program begins there are none, and each call takes as long as Node has modules: beginExports
// then does it once.
function shareExports() {
  if (begun) syncBuiltinESMExports();
}

function beginExports() {
  begun = true;
  syncBuiltinESMExports();
}

module.exports = { __proto__: null, beginExports, closeClass, replace, replaceForGood, replaceConstructor, refuse, shareExports, standIn };
