package mapfile

import (
	"encoding/json"
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// MemberName is the name of the member of a map that only nodeint reads.
const MemberName = memberName

// Seal returns a document as it is read back from its canonical text, with the tree
// digest of what is in it. A document without the member nodeint has no digest.
func Seal(doc *importmap.Document) (*importmap.Document, error) {
	sealed := *doc
	raw, ok := doc.Member(memberName)
	if !ok {
		return &sealed, nil
	}
	member := make(map[string]json.RawMessage)
	gjson.ParseBytes(raw).ForEach(func(k, v gjson.Result) bool {
		member[k.Str] = json.RawMessage(v.Raw)
		return true
	})
	sealed.Members = append([]importmap.Member(nil), doc.Members...)
	if err := sortPackages(&sealed); err != nil {
		return nil, err
	}
	again := &sealed
	for range 2 { // first without the digest, then with the digest of the first
		text, err := jsontext.Marshal(member)
		if err != nil {
			return nil, fmt.Errorf("writing the member %s: %w", memberName, err)
		}
		sealed.SetMember(memberName, text)
		if again, err = importmap.Read(memberName, sealed.Format()); err != nil {
			return nil, fmt.Errorf("writing the map: %w", err)
		}
		member["root"] = json.RawMessage(`"` + treeDigest(again) + `"`)
	}
	return again, nil
}
