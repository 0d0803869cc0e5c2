import { describe, it } from 'node:test';
import { RuleTester } from 'eslint';
import rule from './primordials.mjs';

RuleTester.describe = describe;
RuleTester.it = it;

const tester = new RuleTester({ languageOptions: { ecmaVersion: 'latest', sourceType: 'commonjs' } });

// inFunction returns a case whose code is in a function, which has what it takes.
const inFunction = (code) => `function f(list, text, object) { ${code} }`;
const invalid = (messageId, code) => ({ code: inFunction(code), errors: [{ messageId }] });

tester.run('primordials', rule, {
  valid: [
    'const { slice } = require(\'./primordials.cjs\'); function f(text) { return slice(text, 1); }',
    'const zip = require(\'./zip.cjs\'); function f(path) { return zip.read(path); }',
    'const config = {}; const zip = config.pnp ? require(\'./zip.cjs\') : undefined; function f(path) { return zip.read(path); }',
    'const list = [1]; list.push(2); const [first] = list; for (const x of list) first.f(x);', // before the program runs
    'function f(...list) { return list[0]; }',
    inFunction('return { __proto__: null, ...object };'),
    inFunction('const { length } = list; return [length, text];'),
    inFunction('return `text`;'),
    inFunction('for (const name in object) return name; return undefined;'),
    'function f() { return arguments.length; } module.exports = { __proto__: null, f };',
  ],
  invalid: [
    invalid('method', 'return list.map(object);'),
    invalid('method', 'return list["push"](text);'),
    invalid('method', 'return list?.push(text);'),
    invalid('method', 'return text.slice(1);'),
    invalid('method', 'return list.map.call(list, object);'),
    { code: 'const zip = require(\'./zip.cjs\'); function f(zip) { return zip.read(); }', errors: [{ messageId: 'method' }] },
    { code: 'let zip = require(\'./zip.cjs\'); zip = 1; function f() { return zip.read(); }', errors: [{ messageId: 'method' }] },
    { code: 'const fs = require(\'node:fs\'); function f() { return fs.read(); }', errors: [{ messageId: 'method' }] },
    invalid('iterator', 'for (const x of list) return x;'),
    invalid('iterator', 'return [...list];'),
    invalid('iterator', 'return f(...list);'),
    invalid('iterator', 'return new f(...list);'),
    invalid('iterator', 'const [first] = list; return first;'),
    { code: 'function f([first]) { return first; }', errors: [{ messageId: 'iterator' }] },
    { code: 'function* f(list) { yield* list; }', errors: [{ messageId: 'iterator' }] },
    { code: 'async function f(object) { return await object; }', errors: [{ messageId: 'await' }] },
    { code: 'const f = async (list) => { for await (const x of list) return x; };', errors: [{ messageId: 'iterator' }] },
    invalid('template', 'return `${object}`;'),
    invalid('template', 'return f`text`;'),
    invalid('regexp', 'return f(/x/);'),
    invalid('instanceOf', 'return object instanceof f;'),
    invalid('global', 'return Array;'),
    invalid('global', 'return process;'),
    { code: 'const fs = globalThis;', errors: [{ messageId: 'global' }] }, // outside functions too
    invalid('prototype', 'return {};'),
    invalid('prototype', 'return { ...object };'),
    invalid('prototype', 'return { ["__proto__"]: null };'),
    invalid('prototype', 'return { __proto__: object };'),
    { code: 'const f = () => ({ a: 1 });', errors: [{ messageId: 'prototype' }] },
  ],
});
