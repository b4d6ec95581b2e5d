package web

import (
	"io/fs"
	"strings"
	"testing"
)

func TestThePageIsThere(t *testing.T) {
	index, err := fs.ReadFile(Dist(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if page := strings.ToLower(string(index)); !strings.Contains(page, "<head>") || !strings.Contains(page, "</html>") {
		t.Errorf("index.html is no page: %s", index)
	}
}

// A style or a script in the HTML would be refused by the policy that the page is served with, and addresses that begin
// with a slash would miss the path that the server lies at.
func TestThePageFitsItsPolicy(t *testing.T) {
	index, err := fs.ReadFile(Dist(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Replace(strings.ToLower(string(index)), `<base href="/">`, "", 1) // the server writes its own
	for _, unwanted := range []string{"<style", " style=", "<script>", `src="/`, `href="/`, "https://", "http://", " onload=", "javascript:"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("index.html has %q", unwanted)
		}
	}
}
