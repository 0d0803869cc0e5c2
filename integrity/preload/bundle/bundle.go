// Package bundle makes the preload of its CommonJS modules.
//
// It is apart from package preload so that nodeint itself links no bundler.
package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// Entry is the module that is run.
const Entry = "main.cjs"

// The modules are wrapped in a function of the image, of the URL of the
// bootstrap and of the exports of the module of package sha256wasm. Module input.cjs
// hands them to the others.
const (
	banner = "function (preloadImage, preloadBootstrap, preloadSHA256) {"
	footer = "}"
)

// Bundle returns the modules in dir as one script: an expression whose value is
// the function that starts the preload. A module that overlay has by its file
// name has that text instead of the file's. The script is minified, is ASCII, and is
// the same on every machine.
func Bundle(dir string, overlay map[string][]byte) ([]byte, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for name := range overlay {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return nil, fmt.Errorf("overlay: %w", err)
		}
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:   []string{Entry},
		AbsWorkingDir: dir,
		Outdir:        dir,
		Bundle:        true,
		Platform:      api.PlatformNeutral,
		Format:        api.FormatIIFE,
		Target:        api.ESNext,
		Charset:       api.CharsetASCII,
		LegalComments: api.LegalCommentsNone,
		TreeShaking:   api.TreeShakingFalse,
		TsconfigRaw:   "{}",
		Banner:        map[string]string{"js": banner},
		Footer:        map[string]string{"js": footer},
		Plugins:       []api.Plugin{overlayPlugin(overlay)},
		LogLevel:      api.LogLevelSilent,
	})
	if err := joined(append(result.Errors, result.Warnings...)); err != nil {
		return nil, err
	}
	return minify(result.OutputFiles[0].Contents)
}

// Bootstrap returns the bootstrap, which file has as one expression, in the same form.
func Bootstrap(file string) ([]byte, error) {
	script, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return minify(script)
}

// minify makes a script, which is one expression, shorter by two fifths: every process and
// thread reads and parses it again. It is a pass of its own because the bundler, when it
// minifies, makes each module an arrow function that is an argument. V8 takes that for a
// function that is called at once, and compiles all modules twice.
func minify(script []byte) ([]byte, error) {
	const assigned = "globalThis.preload=" // an expression alone would be removed
	result := api.Transform(assigned+string(script), api.TransformOptions{
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Target:            api.ESNext,
		Charset:           api.CharsetASCII,
		LogLevel:          api.LogLevelSilent,
	})
	if err := joined(append(result.Errors, result.Warnings...)); err != nil {
		return nil, err
	}
	code, ok := bytes.CutPrefix(bytes.TrimSpace(result.Code), []byte(assigned))
	if !ok {
		return nil, errors.New("minify the preload: esbuild wrote the assignment in another way")
	}
	return append(append([]byte{'('}, bytes.TrimSuffix(code, []byte{';'})...), ")\n"...), nil
}

// overlayPlugin loads the modules of overlay.
func overlayPlugin(overlay map[string][]byte) api.Plugin {
	return api.Plugin{Name: "overlay", Setup: func(build api.PluginBuild) {
		build.OnLoad(api.OnLoadOptions{Filter: `\.cjs$`}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			text, ok := overlay[filepath.Base(args.Path)]
			if !ok {
				return api.OnLoadResult{}, nil
			}
			contents := string(text)
			return api.OnLoadResult{Contents: &contents, Loader: api.LoaderJS}, nil
		})
	}}
}

// joined returns the messages as one error, or nil if there are none.
func joined(messages []api.Message) error {
	var errs []error
	for _, m := range messages {
		errs = append(errs, message(m))
	}
	return errors.Join(errs...)
}

func message(m api.Message) error {
	if m.Location == nil {
		return errors.New(m.Text)
	}
	return fmt.Errorf("%s:%d:%d: %s", m.Location.File, m.Location.Line, m.Location.Column, m.Text)
}
