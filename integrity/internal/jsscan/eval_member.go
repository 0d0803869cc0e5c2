package jsscan

import "strings"

// The members of known objects, and what an unknown name stands for by convention.

// globalValue returns the value of a name that the source does not declare.
func (s *scanner) globalValue(id uint32) value {
	switch id {
	case idRequire, idNonWebpackRequire:
		return value{entity: entRequire, origin: origin{dirs: []string{""}, own: true, direct: id == idRequire}}
	case idModule:
		return value{entity: entModule, incomplete: true}
	case idProcess:
		return value{entity: entNodeProcess, incomplete: true}
	case idGlobal, idGlobalThis:
		return value{entity: entGlobalThis, incomplete: true}
	case idEval:
		return value{entity: entEval, incomplete: true}
	case idFunctionConstructor:
		return value{entity: entFunction, incomplete: true}
	case idDirnameVar:
		return constants(constant{base: baseDir})
	case idFilenameVar:
		return constants(constant{base: baseFile})
	case idURL:
		return value{entity: entURL, incomplete: true}
	case idString, idDecodeURI, idDecodeURIComponent:
		return value{entity: entIdentity, incomplete: true}
	case idPath:
		return value{entity: entNodePath, incomplete: true}
	}
	return unknown
}

// guessByName returns what a name stands for by convention, if its value is
// unknown.
func guessByName(id uint32) entity {
	switch id {
	case idCreateRequire, idCreateRequireFromPath:
		return entCreateRequire
	case idWorker:
		return entWorker
	case idJoin:
		return entPathJoin
	case idResolve:
		return entPathResolve
	case idNormalize:
		return entPathNormalize
	case idDirname:
		return entPathDirname
	case idFileURLToPath:
		return entFileURLToPath
	case idPathToFileURL:
		return entPathToFileURL
	}
	return entNone
}

// builtinNamespace returns the namespace of one of Node's own modules.
func (s *scanner) builtinNamespace(specifier string) value {
	t := entNone
	switch strings.TrimPrefix(specifier, "node:") {
	case "module":
		t = entNodeModule
	case "worker_threads":
		t = entNodeWorkerThreads
	case "child_process":
		t = entNodeChildProcess
	case "cluster":
		t = entNodeCluster
	case "path", "path/posix", "path/win32":
		t = entNodePath
	case "url":
		t = entNodeURL
	case "process":
		t = entNodeProcess
	}
	return value{entity: t, incomplete: true}
}

// evalMember returns the value of v.name.
func (s *scanner) evalMember(v value, name string) value {
	if len(v.constants)+len(v.patterns) > 0 && v.entity == entNone {
		switch name {
		case "href":
			return v
		case "pathname":
			return v.mapConstants(fileURLToPath)
		case "toString", "toJSON", "valueOf", "normalize", "trim":
			out := v
			out.entity = entConstantMethod
			return out
		}
		return unknown
	}
	if t := v.entity; t.isNamespace() {
		return builtinMember(v, name)
	}
	switch v.entity {
	case entRequire:
		return requireMember(v, name)
	case entModule, entMainModule, entParentModule:
		return moduleMember(v.entity, name)
	case entGlobalThis:
		return s.globalValue(globalID(name))
	case entImportMeta:
		return metaMember(name)
	case entArguments:
		return argumentsMember(name)
	case entModules, entExtensions, entArgv:
		return s.elementOf(v, name)
	case entCreateRequire, entWorker, entFork, entDlopen, entModuleLoad, entLoadFile, entLoader, entSpawn, entExec, entRegister, entEval, entFunction, entCompile:
		return functionMember(v, name)
	}
	return s.guessByMember(name)
}

// elementOf returns an element of a list of Node's.
func (s *scanner) elementOf(v value, name string) value {
	switch v.entity {
	case entExtensions:
		return value{entity: entLoader, incomplete: true}
	case entArgv:
		if name == "0" {
			return value{entity: entExecPath, incomplete: true}
		}
		return unknown
	}
	return value{entity: entParentModule, incomplete: true}
}

// globalID returns the global variable that is the member name of globalThis.
func globalID(name string) uint32 {
	switch name {
	case "process":
		return idProcess
	case "URL":
		return idURL
	case "eval":
		return idEval
	case "Function":
		return idFunctionConstructor
	case "globalThis", "global":
		return idGlobal
	}
	return numPresetNames
}

// metaMember returns the value of import.meta.name.
func metaMember(name string) value {
	switch name {
	case "url":
		return constants(constant{base: baseFile, isURL: true})
	case "dirname":
		return constants(constant{base: baseDir})
	case "filename":
		return constants(constant{base: baseFile})
	case "resolve":
		return value{entity: entImportMetaResolve, incomplete: true}
	}
	return unknown
}

// requireMember returns the member name of the require function v.
func requireMember(v value, name string) value {
	switch name {
	case "resolve":
		if v.origin.resolve {
			return unknown
		}
		v.origin.resolve = true
		return v
	case "call":
		v.entity, v.origin.direct = entRequireCall, false
		return v
	case "apply":
		v.entity, v.origin.direct = entRequireApply, false
		return v
	case "bind":
		v.entity, v.origin.direct = entRequireBind, false
		return v
	case "main":
		return value{entity: entMainModule, incomplete: true}
	case "cache":
		return value{entity: entModules, incomplete: true}
	case "extensions":
		return value{entity: entExtensions, incomplete: true}
	}
	return unknown
}

// moduleMember returns the member name of a module object.
func moduleMember(of entity, name string) value {
	switch name {
	case "require":
		o := origin{dirs: []string{""}}
		switch of {
		case entMainModule:
			o.fromEntry = true
		case entParentModule:
			o.incomplete, o.alwaysGap = true, true
		}
		return value{entity: entRequire, origin: o}
	case "parent":
		return value{entity: entParentModule, incomplete: true}
	case "children":
		return value{entity: entModules, incomplete: true}
	case "load":
		return value{entity: entLoadFile, incomplete: true}
	case "constructor":
		return value{entity: entNodeModule, incomplete: true}
	case "__proto__":
		return value{entity: entParentModule, incomplete: true}
	case "_compile":
		return value{entity: entCompile, incomplete: true}
	}
	return unknown
}

// builtinMembers are the known members of the namespaces of Node's own modules.
var builtinMembers = map[entity]map[string]entity{
	entNodeModule: {
		"createRequire": entCreateRequire, "createRequireFromPath": entCreateRequire,
		"_load": entModuleLoad, "register": entRegister, "Module": entNodeModule, "prototype": entParentModule,
		"_cache": entModules, "_extensions": entExtensions,
	},
	entNodeWorkerThreads: {"Worker": entWorker},
	entNodeChildProcess: {
		"fork": entFork, "spawn": entSpawn, "spawnSync": entSpawn, "execFile": entSpawn, "execFileSync": entSpawn,
		"exec": entExec, "execSync": entExec,
	},
	entNodeCluster: {"setupPrimary": entSetupPrimary, "setupMaster": entSetupPrimary},
	entNodeProcess: {"dlopen": entDlopen, "getBuiltinModule": entGetBuiltinModule, "mainModule": entMainModule,
		"execPath": entExecPath, "argv0": entExecPath, "argv": entArgv, "execArgv": entExecArgv},
	entNodeURL: {"fileURLToPath": entFileURLToPath, "pathToFileURL": entPathToFileURL, "URL": entURL},
}

// builtinMember returns the member name of the namespace v.
func builtinMember(v value, name string) value {
	switch {
	case name == "default":
		return v
	case v.entity == entNodePath:
		return pathMember(name)
	}
	return value{entity: builtinMembers[v.entity][name], incomplete: true}
}

// pathMember returns the member name of node:path.
func pathMember(name string) value {
	t := entNone
	switch name {
	case "join":
		t = entPathJoin
	case "resolve":
		t = entPathResolve
	case "normalize", "toNamespacedPath":
		t = entPathNormalize
	case "dirname":
		t = entPathDirname
	case "posix", "win32":
		t = entNodePath
	case "sep":
		return constants(constant{text: "/"})
	}
	return value{entity: t, incomplete: true}
}

// guessByMember returns what the member of an unknown object stands for by
// convention.
func (s *scanner) guessByMember(name string) value {
	t := entNone
	switch name {
	case "createRequire":
		t = entCreateRequire
	case "getBuiltinModule":
		t = entGetBuiltinModule
	case "fileURLToPath":
		t = entFileURLToPath
	case "pathToFileURL":
		t = entPathToFileURL
	case "join":
		t = entPathJoin
	case "resolve":
		t = entPathResolve
	case "normalize":
		t = entPathNormalize
	case "dirname":
		t = entPathDirname
	case "Worker":
		t = entWorker
	case "URL":
		t = entURL
	case "setupPrimary", "setupMaster":
		t = entSetupPrimary
	case "dlopen":
		t = entDlopen
	case "fork":
		if s.mentionsChildProcess {
			t = entFork
		}
	}
	return value{entity: t, guessed: true, incomplete: true}
}

// evalElement returns the value of v[key] for a key that is not known.
func (s *scanner) evalElement(v value) value {
	switch v.entity {
	case entModules, entExtensions:
		return s.elementOf(v, "")
	case entArguments:
		return argumentsMember("1")
	case entModule, entMainModule, entParentModule:
		return moduleMember(entParentModule, "require")
	case entNodeModule:
		return value{entity: entCreateRequire, incomplete: true}
	}
	return unknown
}

// functionMember returns the member name of a function that loads.
func functionMember(v value, name string) value {
	switch name {
	case "call":
		v.calling = callsByCall
		return v
	case "apply":
		v.calling = callsByApply
		return v
	}
	return unknown
}
