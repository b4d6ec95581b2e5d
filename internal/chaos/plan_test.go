package chaos

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestTheSeedIsThePlan(t *testing.T) {
	draw := func(seed uint64) []strike {
		return plan(rand.New(rand.NewPCG(seed, 1)), FaultNames, time.Minute)
	}
	a, b := draw(3), draw(3)
	if !slices.Equal(a, b) {
		t.Error("one seed makes two plans")
	}
	if slices.Equal(a, draw(4)) {
		t.Error("two seeds make one plan")
	}
	for seed := range uint64(200) {
		kinds, together := map[string]int{}, 0
		last := strike{At: -1}
		for _, s := range draw(seed) {
			kinds[s.Kind]++
			if s.At < last.At || s.At > time.Minute || s.For < 0 || s.For > 40*time.Second {
				t.Fatalf("seed %d: %s after %s", seed, s, last)
			}
			if s.At == last.At {
				together++
			}
			last = s
		}
		for _, name := range FaultNames {
			if name != faultRemoval && kinds[name] < 2 || kinds[faultRemoval] != 1 {
				t.Errorf("seed %d: %v", seed, kinds)
			}
		}
		if together == 0 {
			t.Errorf("seed %d: nothing comes together", seed)
		}
	}
}

func TestFaultNames(t *testing.T) {
	for _, c := range []struct {
		given []string
		want  int
		bad   bool
	}{
		{nil, len(FaultNames), false}, {[]string{"all"}, len(FaultNames), false}, {[]string{"none"}, 0, false},
		{[]string{"kill", "term", "kill"}, 2, false}, {[]string{"kill", "flood"}, 0, true},
	} {
		names, err := faultNames(c.given)
		if (err != nil) != c.bad || err == nil && len(names) != c.want {
			t.Errorf("%v: %v, %v", c.given, names, err)
		}
	}
	if len(plan(rand.New(rand.NewPCG(1, 1)), nil, time.Minute)) != 0 {
		t.Error("no faults make a plan")
	}
}
