package jsontext

import (
	"math"
	"testing"
)

func TestMarshal(t *testing.T) {
	for _, tt := range []struct {
		v              any
		text, indented string
	}{
		{"<a>&\u2028\n", `"<a>&\u2028\n"`, "\"<a>&\\u2028\\n\"\n"},
		{map[string]any{"b": []int{1}, "a": nil}, `{"a":null,"b":[1]}`, "{\n  \"a\": null,\n  \"b\": [\n    1\n  ]\n}\n"},
		{struct{}{}, "{}", "{}\n"},
		{" \n", `" \n"`, "\" \\n\"\n"},
	} {
		if got, err := Marshal(tt.v); string(got) != tt.text || err != nil {
			t.Errorf("Marshal(%#v) = %q, %v, want %q", tt.v, got, err, tt.text)
		}
		if got, err := MarshalIndent(tt.v); string(got) != tt.indented || err != nil {
			t.Errorf("MarshalIndent(%#v) = %q, %v, want %q", tt.v, got, err, tt.indented)
		}
	}
	if got, err := Marshal(math.NaN()); got != nil || err == nil {
		t.Errorf("Marshal(NaN) = %q, %v", got, err)
	}
	if got, err := MarshalIndent(math.NaN()); got != nil || err == nil {
		t.Errorf("MarshalIndent(NaN) = %q, %v", got, err)
	}
}
