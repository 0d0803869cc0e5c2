package jsscan

// Keywords, and the identifiers that the scanner looks for.

// Names with a fixed number. The keywords come first: keywordClass is indexed by them.
const (
	idReturn uint32 = iota
	idTypeof
	idInstanceof
	idIn
	idNew
	idDelete
	idVoid
	idThrow
	idCase
	idAwait
	idYield
	idExtends
	idDefault
	idElse
	idDo
	idTry
	idFinally
	idVar
	idLet
	idConst
	idFunction
	idClass
	idIf
	idFor
	idWhile
	idWith
	idSwitch
	idCatch
	idThis
	idSuper
	idNull
	idTrue
	idFalse
	idImport
	idExport

	idOf
	idAsync
	idAs
	idSatisfies
	idStatic
	idFrom
	idType
	idRequire
	idModule
	idProcess
	idCreateRequire
	idWorker
	idFork
	idDlopen
	idGetBuiltinModule
	idSetupPrimary
	idSetupMaster
	idLoad
	idDirnameVar
	idFilenameVar
	idEval
	idGlobal
	idGlobalThis
	idNonWebpackRequire
	idURL
	idJoin
	idResolve
	idNormalize
	idDirname
	idFileURLToPath
	idPathToFileURL
	idMeta
	idString
	idDecodeURI
	idDecodeURIComponent
	idPath
	idPublic
	idPrivate
	idProtected
	idReadonly
	idOverride
	idCreateRequireFromPath
	idPaths
	idRegister
	idArguments
	idFunctionConstructor
	idImportModuleDynamically
	numPresetNames
)

// presetNames are the names with the numbers idReturn and following.
var presetNames = [numPresetNames]string{
	"return", "typeof", "instanceof", "in", "new", "delete", "void", "throw", "case", "await",
	"yield", "extends", "default", "else", "do", "try", "finally", "var", "let", "const",
	"function", "class", "if", "for", "while", "with", "switch", "catch", "this", "super",
	"null", "true", "false", "import", "export",
	"of", "async", "as", "satisfies", "static", "from", "type", "require", "module", "process",
	"createRequire", "Worker", "fork", "dlopen", "getBuiltinModule", "setupPrimary", "setupMaster",
	"_load", "__dirname", "__filename", "eval", "global", "globalThis", "__non_webpack_require__",
	"URL", "join", "resolve", "normalize", "dirname", "fileURLToPath", "pathToFileURL", "meta",
	"String", "decodeURI", "decodeURIComponent", "path", "public", "private", "protected", "readonly", "override",
	"createRequireFromPath", "paths", "register", "arguments", "Function", "importModuleDynamically",
}

// A kwClass says what follows a keyword.
type kwClass uint8

const (
	kwNone   kwClass = iota
	kwPrefix         // an operand follows
	kwBlock          // a statement follows
	kwDecl
	kwFunction
	kwClassWord
	kwControl // a head in parentheses follows
	kwValue   // the keyword is an operand
	kwModule
)

// keywordClass gives the class of each keyword.
var keywordClass = [...]kwClass{
	idReturn: kwPrefix, idTypeof: kwPrefix, idInstanceof: kwPrefix, idIn: kwPrefix, idNew: kwPrefix,
	idDelete: kwPrefix, idVoid: kwPrefix, idThrow: kwPrefix, idCase: kwPrefix, idAwait: kwPrefix,
	idYield: kwPrefix, idExtends: kwPrefix, idDefault: kwPrefix,
	idElse: kwBlock, idDo: kwBlock, idTry: kwBlock, idFinally: kwBlock,
	idVar: kwDecl, idLet: kwDecl, idConst: kwDecl,
	idFunction: kwFunction, idClass: kwClassWord,
	idIf: kwControl, idFor: kwControl, idWhile: kwControl, idWith: kwControl, idSwitch: kwControl,
	idCatch: kwControl,
	idThis:  kwValue, idSuper: kwValue, idNull: kwValue, idTrue: kwValue, idFalse: kwValue,
	idImport: kwModule, idExport: kwModule,
}
