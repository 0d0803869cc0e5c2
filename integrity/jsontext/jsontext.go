// Package jsontext writes JSON without the escapes for HTML: "<", ">" and "&" stay
// as they are, as in JSON.stringify. json.Marshal escapes them. U+2028 and U+2029
// are escaped, as by json.Marshal.
package jsontext

import (
	"bytes"
	"encoding/json"
)

// Marshal returns the JSON text of v, without a final newline.
func Marshal(v any) ([]byte, error) {
	b, err := encode(v, "")
	return bytes.TrimSuffix(b, []byte("\n")), err
}

// MarshalIndent returns the JSON text of v, indented by two spaces and with a final
// newline, as the content of a file.
func MarshalIndent(v any) ([]byte, error) { return encode(v, "  ") }

func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
