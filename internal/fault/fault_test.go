package fault

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// named finds the names of mutants and points in the code of the product.
var named = regexp.MustCompile(`\b(?:fault\.)?([mM]utant|mutant\.on|Point)\("([a-z-]+)"\)`)

// product reads what the product's code asks for by name, beside this package.
func product(t *testing.T) (mutants, points []string) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "fault"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		src, err := os.ReadFile(path)
		for _, m := range named.FindAllStringSubmatch(string(src), -1) {
			if m[1] == "Point" {
				points = append(points, m[2])
			} else {
				mutants = append(mutants, m[2])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return mutants, points
}

func TestTheTableNamesWhatStandsInTheCode(t *testing.T) {
	mutants, points := product(t)
	slices.Sort(points)
	if want := slices.Sorted(slices.Values(Points)); !slices.Equal(points, want) {
		t.Errorf("the code has the points %v, the table %v", points, want)
	}
	var table []string
	for _, m := range Mutants {
		if slices.Contains(table, m.Name) {
			t.Errorf("%s is in the table twice", m.Name)
		}
		table = append(table, m.Name)
		if !slices.Contains(mutants, m.Name) {
			t.Errorf("%s is in the table and nowhere in the code", m.Name)
		}
		if m.Promise < 1 || m.Promise > 19 || m.Mistake == "" || m.Catcher != Simulator && m.Catcher != Chaos {
			t.Errorf("%+v is not complete", m)
		}
	}
	for _, name := range mutants {
		if !slices.Contains(table, name) {
			t.Errorf("%s is in the code and not in the table", name)
		}
	}
	for _, name := range []string{"", "no-such-mutant"} {
		if _, found := Lookup(name); found {
			t.Errorf("there is a mutant %q", name)
		}
	}
}
