package simtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cuts is what is left out of a seed's schedule. Each step draws from randomness of its own, so those that stay do what
// they did as far as what they meet is the same. nil leaves nothing out.
type cuts struct {
	steps   []int    // the only ones that are done, in order; nil: all
	clients []string // labels of those that do not exist
	calm    []string // of troubles: those that do not happen
}

// troubles are what a seed may bring besides its operations.
var troubles = map[string]func(*plan){
	"racing":       func(p *plan) { p.racing = false },
	"commits":      func(p *plan) { p.commitFaults = 0 },
	"publications": func(p *plan) { p.publishFaults = 0 },
	"reads":        func(p *plan) { p.readFaults = false },
	"expiry":       func(p *plan) { p.tokenTTL = 0 },
	"guests":       func(p *plan) { p.guests = false },
}

func (c *cuts) does(step int) bool {
	return c == nil || c.steps == nil || slices.Contains(c.steps, step)
}

func (c *cuts) apply(p *plan) {
	if c != nil {
		for _, name := range c.calm {
			troubles[name](p)
		}
	}
}

func (c *cuts) without(label string) bool { return c != nil && slices.Contains(c.clients, label) }

// String is what parseCuts reads.
func (c *cuts) String() string {
	var parts []string
	if c.steps != nil {
		parts = append(parts, "steps="+ranges(c.steps))
	}
	if len(c.clients) > 0 {
		parts = append(parts, "without="+strings.Join(c.clients, ","))
	}
	if len(c.calm) > 0 {
		parts = append(parts, "calm="+strings.Join(c.calm, ","))
	}
	return strings.Join(parts, " ")
}

// ranges writes 1, 2, 3, 7 as 1-3,7.
func ranges(steps []int) string {
	var parts []string
	for i := 0; i < len(steps); i++ {
		from := steps[i]
		for i+1 < len(steps) && steps[i+1] == steps[i]+1 {
			i++
		}
		if steps[i] == from {
			parts = append(parts, strconv.Itoa(from))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", from, steps[i]))
		}
	}
	return strings.Join(parts, ",")
}

func parseCuts(text string) (*cuts, error) {
	c := &cuts{}
	for _, part := range strings.Fields(text) {
		key, value, _ := strings.Cut(part, "=")
		list := strings.Split(value, ",")
		switch key {
		case "without":
			c.clients = list
		case "calm":
			for _, name := range list {
				if troubles[name] == nil {
					return nil, fmt.Errorf("there is no trouble %q", name)
				}
			}
			c.calm = list
		case "steps":
			c.steps = []int{}
			for _, r := range list {
				if r == "" {
					continue // no step at all
				}
				first, last, isRange := strings.Cut(r, "-")
				if !isRange {
					last = first
				}
				from, err := strconv.Atoi(first)
				to, err2 := strconv.Atoi(last)
				if err != nil || err2 != nil || from > to || to > maxSteps {
					return nil, fmt.Errorf("%q is no range of steps", r)
				}
				for step := from; step <= to; step++ {
					c.steps = append(c.steps, step)
				}
			}
		default:
			return nil, fmt.Errorf("%q is none of steps=, without= and calm=", part)
		}
	}
	return c, nil
}
