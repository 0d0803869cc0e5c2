// Node's package map. Node reads it when it first resolves a name by it, and never again. If
// the map is one, the preload makes Node do so now, and gives it the text of the image in
// place of a file: no file is read, so none can be changed.
'use strict';

const { Module, SafeError, apply, fs, process_ } = require('./primordials.cjs');
const { config, root } = require('./image.cjs');

// usesPackageMap reports whether Node resolves names in this process or thread by a package
// map of somebody else. The map has no table for it.
function usesPackageMap() {
  try {
    askNode('/nodeint.js');
  } catch (error) {
    return error?.code !== 'MODULE_NOT_FOUND'; // the file is in no package, or the package map is not valid
  }
  return false;
}

function askNode(filename) {
  const parent = { __proto__: null, id: 'nodeint', filename, paths: [] };
  apply(Module._resolveFilename, Module, ['nodeint-package-map', parent, false]);
}

// handPackages gives Node the package map that the map is.
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
    askNode(root + '/nodeint.js');
  } catch (thrown) {
    error = thrown;
  } finally {
    fs.readFileSync = readFileSync;
    fs.realpathSync = realpathSync;
    process_.emitWarning = emitWarning;
  }
  // Both say that no package of the package map has the name.
  const isRefused = error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_PACKAGE_MAP_EXTERNAL_FILE';
  if (!isRead || !isPlaced || !isRefused) throw error ?? new SafeError('Node has not read the package map');
}

module.exports = { __proto__: null, handPackages, usesPackageMap };
