package nodeflags

// A Record is what a map says about the start of node: the settings with which names
// were resolved. All paths are absolute.
type Record struct {
	Conditions []string // of exports and imports, beside Node's own
	NodePath   []string // directories of NODE_PATH
	PackageMap string   // the file of --experimental-package-map that node may use, or ""
}
