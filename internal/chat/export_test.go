package chat

// CleanContent is what a message's text goes through.
func CleanContent(s string) (string, error) { return cleanContent("test", s) }
