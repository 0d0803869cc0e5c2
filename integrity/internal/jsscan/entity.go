package jsscan

// An entity is a function or object of Node.js that the evaluator knows. Loads of
// modules begin with one.
type entity uint8

const (
	entNone entity = iota
	entRequire
	entRequireCall  // require.call
	entRequireApply // require.apply
	entRequireBind  // require.bind
	entModule       // the variable module
	entMainModule   // require.main, process.mainModule
	entParentModule // module.parent
	entGlobalThis
	entEval
	entFunction // the constructor Function
	entCompile  // the method _compile of a module
	entImportMeta
	entImportMetaResolve
	entArguments  // the variable arguments, outside of functions
	entModules    // require.cache, module.children: modules by name or number
	entExtensions // require.extensions
	entExecPath   // process.execPath, process.argv[0]
	entArgv       // process.argv
	entExecArgv   // process.execArgv

	// The namespaces of Node's own modules: see isNamespace.
	entNodeModule
	entNodeWorkerThreads
	entNodeChildProcess
	entNodeCluster
	entNodePath
	entNodeURL
	entNodeProcess

	entCreateRequire
	entModuleLoad // Module._load
	entLoadFile   // the method load of a module
	entLoader     // require.extensions[…]
	entSpawn      // spawn, execFile
	entExec
	entWorker
	entFork
	entSetupPrimary
	entDlopen
	entGetBuiltinModule
	entRegister
	entURL
	entPathJoin
	entPathResolve
	entPathNormalize
	entPathDirname
	entFileURLToPath
	entPathToFileURL
	entIdentity       // a function that returns its argument: String, decodeURI …
	entConstantMethod // a method that returns the string of its object: toString, trim …
)

// isNamespace reports whether t is the namespace of one of Node's own modules.
func (t entity) isNamespace() bool { return t >= entNodeModule && t <= entNodeProcess }

// isFollowed reports whether a variable that holds t is followed to its uses.
// Functions that only compute paths are not.
func (t entity) isFollowed() bool {
	switch t {
	case entNone, entExecArgv, entArgv, entNodePath, entNodeURL, entURL, entPathJoin, entPathResolve, entPathNormalize, entPathDirname, entFileURLToPath,
		entPathToFileURL, entIdentity, entConstantMethod:
		return false
	}
	return true
}
