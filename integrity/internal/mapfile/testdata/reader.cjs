// Reads maps as JavaScript does, and images as the preload does, for TestReaders: the
// question is in frames on stdin, one line of JSON answers each.
//
// A frame is five numbers of 32 bits (little endian) and as many texts: the map, the
// image, and the paths to look for in it as JSON.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const [, , sources] = process.argv;
const primordials = require(path.join(sources, 'primordials.cjs'));
const load = new Function('require', 'module', `${fs.readFileSync(path.join(sources, 'image.cjs'), 'utf8')}
return { records, recordOf, metadata, recordSize, firstRecord, hexOf: (at) => hexSlice(image, at, at + 16) };`);

// open runs the preload's image.cjs with another image.
function open(image) {
  const modules = {
    './input.cjs': { image },
    './primordials.cjs': primordials,
    './digest.cjs': { digestOf: require('crypto').hash, useNative() {} },
    './blocks.cjs': { imageSize: image.length, need() {}, useBody() {} }, // the image is in memory
  };
  return load((name) => modules[name], {});
}

const input = fs.readFileSync(0);
const answers = [];
for (let at = 0; at < input.length; ) {
  const texts = [];
  let from = at + 12;
  for (let i = 0; i < 3; i++) {
    const size = input.readUInt32LE(at + 4 * i);
    texts.push(input.subarray(from, from += size));
  }
  at = from;
  answers.push(JSON.stringify({ map: readMap(texts[0]), image: texts[1].length > 0 ? readImage(Buffer.from(texts[1]), JSON.parse(texts[2])) : null }));
}
fs.writeSync(1, answers.join('\n') + '\n');

// readMap gives what JSON.parse makes of a map, as lists of pairs; null where it is
// no JSON object that has one of strings, integrity.
function readMap(bytes) {
  try {
    const map = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (!isObject(map) || !isObject(map.integrity) || Object.values(map.integrity).some((v) => typeof v !== 'string')) return null;
    return { members: Object.keys(map), integrity: Object.entries(map.integrity), paths: Object.keys(map.integrity).map(pathOf) };
  } catch {
    return null;
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// pathOf gives, as base64, the bytes of the path that a key names below file:///root/,
// or null where it names one elsewhere or nothing at all.
function pathOf(key) {
  const href = URL.parse(key, 'file:///root/')?.href;
  if (!href?.startsWith('file:///root/')) return null;
  const bytes = [];
  const rest = Buffer.from(href.slice('file:///root/'.length));
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === 0x3f || rest[i] === 0x23) return null; // a query, a fragment
    bytes.push(rest[i] === 0x25 ? Number.parseInt(rest.toString('latin1', ++i, ++i + 1), 16) : rest[i]);
  }
  return Buffer.from(bytes).toString('base64');
}

// readImage returns the metadata that the preload finds for each path, in base64 or "".
function readImage(bytes, paths) {
  const { records, recordOf, metadata, recordSize, firstRecord, hexOf } = open(bytes);
  const end = firstRecord + records * recordSize;
  return paths.map((path) => {
    const found = [];
    for (let at = recordOf(path), key = at < 0 ? '' : hexOf(at); at >= 0 && at < end && hexOf(at) === key; at += recordSize) found.push(metadata(at));
    return found.join(' ');
  });
}
