package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		name string
		xs   []int64
		want int64
	}{
		{"none", nil, 0},
		{"one", []int64{7}, 7},
		{"odd", []int64{9, 1, 5}, 5},
		{"even", []int64{4, 1, 10, 2}, 3},
		{"equal", []int64{2, 2, 2, 2}, 2},
		{"an outlier", []int64{10, 11, 12, 13, 1_000_000}, 12},
		{"large", []int64{1<<63 - 1, 1<<63 - 3}, 1<<63 - 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := append([]int64(nil), test.xs...)
			if got := median(test.xs); got != test.want {
				t.Errorf("median(%v) = %d, want %d", test.xs, got, test.want)
			}
			if diff := cmp.Diff(before, test.xs); diff != "" {
				t.Errorf("median changed its argument (-before +after):\n%s", diff)
			}
		})
	}
}

// TestMiddle: each member's median is its own, whichever round it was in.
func TestMiddle(t *testing.T) {
	got := middle([]sample{
		{CPU: 1 * time.Second, Wall: 9 * time.Second, Peak: 20},
		{CPU: 2 * time.Second, Wall: 7 * time.Second, Peak: 30},
		{CPU: 3 * time.Second, Wall: 8 * time.Second, Peak: 10},
	})
	if want := (sample{CPU: 2 * time.Second, Wall: 8 * time.Second, Peak: 20}); got != want {
		t.Errorf("middle = %v, want %v", got, want)
	}
}

func TestRatio(t *testing.T) {
	if got := ratio[int64](3, 2); got != 1.5 {
		t.Errorf("ratio(3, 2) = %v", got)
	}
	if got := ratio[int64](3, 0); got != 0 {
		t.Errorf("ratio(3, 0) = %v", got)
	}
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		check check
		want  string
	}{
		{check{name: "verify / loop", got: 2.414, bound: 2.8}, "verify / loop = 2.41 (bound 2.8) ok"},
		{check{name: "verify / loop", got: 2.8, bound: 2.8}, "verify / loop = 2.8 (bound 2.8) ok"},
		{check{name: "verify / loop", got: 2.81, bound: 2.8}, "verify / loop = 2.81 (bound 2.8) **exceeded**"},
		{check{name: "verify, memory", got: 99.4, bound: 100, unit: " MB", under: true}, "verify, memory = 99.4 MB (bound 100 MB) ok"},
		{check{name: "verify, memory", got: 100, bound: 100, unit: " MB", under: true}, "verify, memory = 100 MB (bound 100 MB) **exceeded**"},
		{check{name: "misses", got: 0, bound: 0}, "misses = 0 (bound 0) ok"},
		{check{name: "generate / nft", got: 0.1, bound: 1.0 / 6.0}, "generate / nft = 0.1 (bound 0.167) ok"},
	} {
		if got := test.check.String(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestShort(t *testing.T) {
	for _, test := range []struct {
		x    float64
		want string
	}{
		{0, "0"},
		{0.04219, "0.0422"},
		{0.3333, "0.333"},
		{2.8, "2.8"},
		{2.414, "2.41"},
		{20, "20"},
		{24.06, "24.1"},
		{1499.7, "1500"},
		{123456, "123456"},
	} {
		if got := short(test.x); got != test.want {
			t.Errorf("short(%v) = %s, want %s", test.x, got, test.want)
		}
	}
}

func TestTable(t *testing.T) {
	got := table([][]string{
		{"command", "CPU ms", "×"},
		{"nodeint verify", "812", "1"},
		{"é", "7", "0.5"},
	})
	want := `| command        | CPU ms |   × |
| -------------- | -----: | --: |
| nodeint verify |    812 |   1 |
| é              |      7 | 0.5 |`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}
