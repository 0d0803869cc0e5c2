package nametable

// ReadManifest is readManifest.
var ReadManifest = readManifest
