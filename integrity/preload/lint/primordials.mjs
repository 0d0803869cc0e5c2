// The ESLint rule preload/primordials: functions of the preload run beside the
// program, which may have replaced any property of any object. So they must not call
// what they would look up then. Everything that they need is taken by primordials.cjs
// before the program runs.
//
// Code outside functions runs when the preload is loaded, before the program, and may
// do all of it, except use globals. The rule does not see getters, setters, coercions
// by operators, assignment to an index of an array, or what an async function returns: its
// promise reads the property then of that.

const messages = {
  method: 'the program may have replaced the method {{name}}: call a function of primordials.cjs',
  iterator: '{{what}} calls Symbol.iterator, which the program may have replaced: use a loop with an index',
  await: 'await passes the value through the constructor and then of promises, which the program may have replaced: check a value after the last await',
  template: 'a template literal calls methods of what it converts: use +',
  regexp: 'a regular expression calls methods of RegExp.prototype, which the program may have replaced',
  instanceOf: 'instanceof calls Symbol.hasInstance, which the program may have replaced',
  global: 'the program may have replaced the global {{name}}: take it in primordials.cjs',
  prototype: 'this object inherits from Object.prototype, which the program may have changed: begin it with __proto__: null',
};

const allowedGlobals = new Set(['undefined', 'require', 'module']);

export default {
  meta: { type: 'problem', schema: [], messages, docs: { description: 'forbid what the program may have replaced' } },
  create(context) {
    let depth = 0; // of functions
    const report = (node, messageId, data) => {
      if (depth > 0) context.report({ node, messageId, data });
    };
    const enter = () => { depth++; };
    const leave = () => { depth--; };
    return {
      ':function': enter,
      ':function:exit': leave,
      CallExpression(node) {
        const callee = node.callee;
        if (callee.type === 'MemberExpression' && !isModule(context, callee.object)) {
          report(node, 'method', { name: context.sourceCode.getText(callee.property) });
        }
      },
      ForOfStatement: (node) => report(node, 'iterator', { what: 'for-of' }),
      SpreadElement(node) {
        if (node.parent.type !== 'ObjectExpression') report(node, 'iterator', { what: 'a spread' });
      },
      ArrayPattern: (node) => report(node, 'iterator', { what: 'array destructuring' }),
      YieldExpression: (node) => report(node, 'iterator', { what: 'yield' }),
      AwaitExpression: (node) => report(node, 'await'),
      TaggedTemplateExpression: (node) => report(node, 'template'),
      TemplateLiteral(node) {
        if (node.expressions.length > 0) report(node, 'template');
      },
      Literal(node) {
        if (node.regex !== undefined) report(node, 'regexp');
      },
      BinaryExpression(node) {
        if (node.operator === 'instanceof') report(node, 'instanceOf');
      },
      ObjectExpression(node) {
        if (!hasNullPrototype(node)) report(node, 'prototype');
      },
      'Program:exit'(node) {
        const scope = context.sourceCode.getScope(node);
        const builtIn = scope.variables.filter((v) => v.defs.length === 0).flatMap((v) => v.references);
        for (const { identifier } of [...scope.through, ...builtIn]) {
          if (!allowedGlobals.has(identifier.name)) context.report({ node: identifier, messageId: 'global', data: { name: identifier.name } });
        }
      },
    };
  },
};

// isModule reports whether an expression is a variable that holds what require of
// another module of the preload returned.
function isModule(context, node) {
  if (node.type !== 'Identifier') return false;
  let scope = context.sourceCode.getScope(node);
  while (scope !== null && !scope.set.has(node.name)) scope = scope.upper;
  const definition = scope?.set.get(node.name).defs[0];
  if (definition?.type !== 'Variable' || definition.parent.kind !== 'const') return false;
  const init = definition.node.init;
  return isRequire(init?.type === 'ConditionalExpression' ? init.consequent : init);
}

function isRequire(node) {
  return node?.type === 'CallExpression' && node.callee.name === 'require' && /^\.\/\w+\.cjs$/.test(node.arguments[0]?.value);
}

function hasNullPrototype(node) {
  const first = node.properties[0];
  return first?.type === 'Property' && !first.computed && first.key.name === '__proto__' && first.value.type === 'Literal' && first.value.value === null;
}
