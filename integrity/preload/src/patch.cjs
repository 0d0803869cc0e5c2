// Patches of Node's and JavaScript's functions. docs/preload.md lists all of them,
// and a test compares the list with the calls of these functions.
'use strict';

const { SafeProxy, apply, defineProperty, getOwnPropertyDescriptor } = require('./primordials.cjs');
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

// replaceConstructor puts a proxy in the place of a constructor, and of the property
// constructor of what it makes.
function replaceConstructor(object, name, handler) {
  const old = object[name];
  const proxy = new SafeProxy(old, handler);
  if (old.prototype !== undefined) {
    defineProperty(old.prototype, 'constructor', { __proto__: null, value: proxy, writable: true, configurable: true, enumerable: false });
  }
  replace(object, name, proxy);
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

module.exports = { __proto__: null, replace, replaceForGood, replaceConstructor, refuse };
