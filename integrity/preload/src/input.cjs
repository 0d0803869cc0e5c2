// The parameters of the bundle: bundle.go wraps the modules in a function of these.
/* global preloadImage, preloadBootstrap, preloadSHA256 */
'use strict';

module.exports = {
  __proto__: null,
  image: preloadImage, // Buffer: the image that the launcher sealed
  bootstrap: preloadBootstrap, // string: the data: URL of bootstrap.cjs, with which children start
  sha256: preloadSHA256, // the exports of the module of package sha256wasm, or undefined
};
