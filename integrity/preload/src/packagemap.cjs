// Node's package map, if the map is one. Node reads it when it first resolves a name by it,
// and never again. The preload makes it do so now, and gives it the text of the image in
// place of a file: no file is read, so none can be changed.
'use strict';

const { Module, SafeError, apply, fs, process_ } = require('./primordials.cjs');
const { config, root } = require('./image.cjs');

function handPackages() {
  const { readFileSync, realpathSync } = fs;
  const { emitWarning } = process_;
  let isRead = false;
  let isPlaced = false;
  fs.readFileSync = () => {
    isRead = true;
    return config.nodePackages;
  };
  fs.realpathSync = () => {
    isPlaced = true;
    return config.map; // for Node's messages: the URLs are absolute
  };
  process_.emitWarning = () => {}; // that package maps are experimental
  let error;
  try {
    const parent = { __proto__: null, id: 'nodeint', filename: root + '/nodeint.js', paths: [] };
    apply(Module._resolveFilename, Module, ['nodeint-package-map', parent, false]);
  } catch (thrown) {
    error = thrown;
  } finally {
    fs.readFileSync = readFileSync;
    fs.realpathSync = realpathSync;
    process_.emitWarning = emitWarning;
  }
  if (!isRead || !isPlaced || error?.code !== 'MODULE_NOT_FOUND') throw error ?? new SafeError('Node has not read the package map');
}

module.exports = { __proto__: null, handPackages };
