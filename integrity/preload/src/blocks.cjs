// The body of the image: what most processes need only a part of. It is read when it is
// needed, by blocks, each of which has a digest in the head. The bootstrap has checked the
// head.
'use strict';

const {
  O_RDONLY, closeSync, codeOf, hexSlice, isWorker, kill, newBytes, openSync, partOf, pid, reallyExit, readSync, withLength, writeSync,
} = require('./primordials.cjs');
const { image } = require('./input.cjs');
const { digestOf } = require('./digest.cjs');

const imageSize = image.length;
withLength(image, imageSize); // Node asks for it when it reads into the image
const blockBits = 14;
let digestsAt;
let bodyAt;
let config; // of the image
let has; // 1 for each block that was read

// useBody says where the digests of the blocks and the body begin. An image that the process
// has not inherited is a file that goes when the launcher ends, so all of it is read.
function useBody(digests, body, settings) {
  digestsAt = digests;
  bodyAt = body;
  config = settings;
  has = newBytes((body - digests) >>> 5);
  if (config.image < 0) need(body, imageSize);
}

// need reads the blocks that have the bytes from one offset in the image to another.
function need(from, to) {
  for (let block = (from - bodyAt) >>> blockBits; bodyAt + (block << blockBits) < to; block++) {
    if (has[block] !== 1) readBlock(block);
  }
}

function readBlock(block) {
  let isRead = config.image >= 0 && readFrom(config.image, block);
  for (let i = 0; !isRead && i < config.paths.length; i++) isRead = readPath(config.paths[i], block);
  if (!isRead) stop();
  has[block] = 1;
}

function readPath(path, block) {
  let fd;
  try {
    fd = openSync(path, O_RDONLY);
  } catch (error) {
    return unlessSystem(error);
  }
  try {
    return readFrom(fd, block);
  } finally {
    closeSync(fd);
  }
}

// readFrom reports whether a file has the block: the program may have closed the descriptor,
// and opened another file.
function readFrom(fd, block) {
  const from = bodyAt + (block << blockBits);
  const end = from + (1 << blockBits);
  const to = end < imageSize ? end : imageSize;
  try {
    for (let at = from; at < to; ) {
      const n = readSync(fd, image, at, to - at, at);
      if (n === 0) return false;
      at += n;
    }
  } catch (error) {
    return unlessSystem(error);
  }
  const at = digestsAt + (block << 5);
  return digestOf('sha256', partOf(image, from, to), 'hex') === hexSlice(image, at, at + 32);
}

// unlessSystem throws what is no error of the system: the program gets that of a full stack.
function unlessSystem(error) {
  if (codeOf(error) === undefined) throw error;
  return false;
}

// stop ends the process: nothing can be checked without the block.
function stop() {
  writeSync(2, 'nodeint: error: cannot read the map of nodeint run any more, so nothing can be checked\n' +
    'nodeint: hint: nodeint run has ended, and the program has closed the file descriptors that it inherited\n');
  if (!isWorker) reallyExit(77);
  for (;;) kill(pid, 9);
}

module.exports = { __proto__: null, imageSize, need, useBody };
