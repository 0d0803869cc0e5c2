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

// The modules are wrapped in a function of the image and of the URL of the
// bootstrap. Module input.cjs hands both to the others.
const (
	banner = "(function (preloadImage, preloadBootstrap) {"
	footer = "})"
)

// Bundle returns the modules in dir as one script: an expression whose value is
// the function that starts the preload. A module that overlay has by its file
// name has that text instead of the file's. The script has no comments, is
// ASCII, and is the same on every machine.
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
	var errs []error
	for _, m := range append(result.Errors, result.Warnings...) {
		errs = append(errs, message(m))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return strip(result.OutputFiles[0].Contents)
}

// strip removes indentation and the lines that are comments, a fifth of the script:
// every process and thread reads it again. A literal that goes on over a line would
// change, so it is an error.
func strip(script []byte) ([]byte, error) {
	var out []byte
	for line := range bytes.Lines(script) {
		code := bytes.TrimLeft(line, " ")
		if bytes.HasPrefix(code, []byte("//")) {
			continue
		}
		if bytes.Count(code, []byte("`"))%2 != 0 && !bytes.Contains(code, []byte("\"`")) {
			return nil, fmt.Errorf("a template literal has more than one line: %s", code)
		}
		out = append(out, code...)
	}
	return out, nil
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

func message(m api.Message) error {
	if m.Location == nil {
		return errors.New(m.Text)
	}
	return fmt.Errorf("%s:%d:%d: %s", m.Location.File, m.Location.Line, m.Location.Column, m.Text)
}
