package chat

import "strings"

// CleanContent is what a message's text goes through.
func CleanContent(s string) (string, error) { return cleanContent("test", s) }

// MentionsIn is whom a text mentions where the given people exist, by their skeletons.
func MentionsIn(content string, skeleton func(string) string, exists map[string]UserID) ([]UserID, string) {
	found := signs(content)
	skeletons(found, skeleton)
	return resolve(found, exists)
}

// NamesIn is what a store is asked for.
func NamesIn(content string) []string { return skeletons(signs(content), strings.ToLower) }
