package mapfile

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// Powers are the powers that the files of each package use, sorted, by the directory of the
// package.
type Powers map[string][]nodejs.Power

// AnyPower is in place of the powers of a package if they are not known.
const AnyPower nodejs.Power = "any"

// Add adds a power of the package in dir.
func (p Powers) Add(dir string, power nodejs.Power) {
	if i, found := slices.BinarySearch(p[dir], power); !found {
		p[dir] = slices.Insert(p[dir], i, power)
	}
}

// Used returns the powers that any package uses, without the packages in the directories
// leftOut. It returns nil if p is nil, or if the powers of one package are not known.
func (p Powers) Used(leftOut map[string]int) map[nodejs.Power]bool {
	if p == nil {
		return nil
	}
	used := make(map[nodejs.Power]bool)
	for dir, powers := range p {
		if _, isLeftOut := leftOut[dir]; isLeftOut {
			continue
		}
		for _, power := range powers {
			if power == AnyPower {
				return nil
			}
			used[power] = true
		}
	}
	return used
}

func (p Powers) member() map[string][]nodejs.Power {
	member := make(map[string][]nodejs.Power, len(p))
	for dir, powers := range p {
		member[KeyOf(dir)] = powers
	}
	return member
}

func (r *memberReader) powers(v gjson.Result) Powers {
	powers := make(Powers)
	r.object("powers", v, func(key string, v gjson.Result) {
		dir := r.path("powers", key)
		list := r.texts("powers", v)
		if len(list) == 0 {
			r.bad("powers: the list of %q is empty", key)
		}
		for i, name := range list {
			power := nodejs.Power(name)
			if !nodejs.IsPower(name) && power != AnyPower {
				r.bad("powers: %q is unknown to this version; use the nodeint that wrote this map", name)
			}
			if i > 0 && name <= list[i-1] {
				r.bad("powers: the list of %q is not sorted", key)
			}
			powers[dir] = append(powers[dir], power)
		}
	})
	return powers
}
