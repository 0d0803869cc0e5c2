// Prints how many milliseconds a child process and a thread take that do nothing, as medians.
'use strict';
const { spawnSync } = require('child_process');
const { Worker } = require('worker_threads');

const count = 15;

async function measure(start) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const before = performance.now();
    await start();
    times.push(performance.now() - before);
  }
  return times.sort((a, b) => a - b)[count >> 1];
}

async function main() {
  const child = await measure(() => spawnSync(process.execPath, [`${__dirname}/nothing.cjs`], { stdio: 'inherit' }));
  const thread = await measure(() => new Promise((resolve) => new Worker(`${__dirname}/nothing.cjs`).on('exit', resolve)));
  console.log(JSON.stringify({ child, thread }));
}

main();
