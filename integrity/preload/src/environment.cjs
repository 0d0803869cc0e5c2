// The environment of children: variables by which a child would load code that is not
// pinned have the values with which nodeint was started, or are absent.
'use strict';

const { charAt, indexOf, slice, startsWith } = require('./primordials.cjs');
const { config } = require('./image.cjs');
const { violation } = require('./violations.cjs');

// checkVariables stops a child whose environment has another value of a fixed variable.
// isNode says whether the child is node.
function checkVariables(pairs, isNode) {
  for (let i = 0; i < pairs.length; i++) {
    const pair = '' + pairs[i];
    const at = indexOf(pair, '=');
    const row = rowOf(slice(pair, 0, at), isNode);
    if (row === undefined || row.value === slice(pair, at + 1)) continue;
    violation({
      __proto__: null, code: 'environment',
      detail: 'a child process with ' + slice(pair, 0, at) + ': ' + row.reason,
      hint: 'set the variable in the environment of nodeint run',
    });
  }
}

// rowOf returns the row of the table for a name, or undefined.
function rowOf(name, isNode) {
  for (let i = 0; i < config.variables.length; i++) {
    const row = config.variables[i];
    if (row.nodes && !isNode) continue;
    const last = row.name.length - 1;
    if (charAt(row.name, last) === '*' ? startsWith(name, slice(row.name, 0, last)) : row.name === name) return row;
  }
  return undefined;
}

// isRemoved reports whether no process gets the variable.
function isRemoved(name) {
  for (let i = 0; i < config.removed.length; i++) if (config.removed[i] === name) return true;
  return false;
}

module.exports = { __proto__: null, checkVariables, isRemoved };
