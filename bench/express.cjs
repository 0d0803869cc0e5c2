// A server in its steady state: it prints its port, answers until its standard input ends,
// and then prints the memory that it has.
'use strict';
const app = require('express')();
app.get('/', (request, response) => response.json({ hello: 'express' }));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => {
  console.log(process.memoryUsage().rss);
  process.exit();
}).resume();
