// The speed of process.nextTick. Node makes an object for each call. V8 compiles that fast if
// the objects have always had the same shape. It forgets a shape, and then never makes them fast
// again, if it collects garbage when there is no such object. That depends on what ran before
// the first collection: the preload lets it happen, and a server then answers a tenth to a
// fifth fewer requests. So one object is kept.
'use strict';

const { builtin, process_ } = require('./primordials.cjs');

const kept = { __proto__: null, object: undefined };

// keepTick keeps the object of one call. It runs before the program.
function keepTick() {
  const { executionAsyncResource } = builtin('async_hooks');
  process_.nextTick(() => {
    kept.object = executionAsyncResource();
  });
}

module.exports = { __proto__: null, keepTick };
