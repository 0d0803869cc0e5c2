package main

// startBound is the limit for the start of the command, in milliseconds.
const startBound = 20

// start is the section "start".
func (b *bench) start() error {
	medians, err := b.compare([]command{{"nodeint version", b.root, []string{b.nodeint, "version"}}})
	if err != nil {
		return err
	}
	m := medians[0]
	b.print("## start")
	b.print("%s", table([][]string{
		{"command", "CPU ms", "wall ms", "peak MB"},
		{"nodeint version", ms(m.CPU), ms(m.Wall), mb(m.Peak)},
	}))
	b.checks = append(b.checks,
		check{name: "version, CPU", got: milliseconds(m.CPU), bound: startBound, unit: " ms", under: true},
		check{name: "version, wall", got: milliseconds(m.Wall), bound: startBound, unit: " ms", under: true})
	return nil
}
