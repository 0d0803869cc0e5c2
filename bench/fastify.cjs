// As express.cjs, with Fastify.
'use strict';
const app = require('fastify')();
app.get('/', async () => ({ hello: 'fastify' }));
app.listen({ port: 0, host: '127.0.0.1' }).then(() => console.log(app.server.address().port));
process.stdin.on('end', () => {
  console.log(process.memoryUsage().rss);
  process.exit();
}).resume();
