// The parameters of the bundle: bundle.go wraps the modules in a function of these two.
/* global preloadImage, preloadBootstrap */
'use strict';

module.exports = {
  __proto__: null,
  image: preloadImage, // Buffer: the image that the launcher sealed
  bootstrap: preloadBootstrap, // string: the data: URL of bootstrap.mjs, with which children start
};
