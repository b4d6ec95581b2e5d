// Package markdown turns what people write into the HTML that every client shows, once, on the server.
//
// The Markdown is that of a chat: strong, emphasis, strikethrough, code, fenced code with its colours, lists, quotes and
// links. Line breaks are kept. There is no raw HTML, an image is a link to it, a heading is a bold paragraph, and what is
// none of these stays as it was typed: no entity is decoded, no line vanishes.
//
// Three things hold for every input, and FuzzRender tries to break them:
//
//   - The HTML has no element, attribute, class or scheme outside of the list in policy.go. writer.go writes nothing
//     else by itself, and bluemonday goes over the result once more.
//   - Time and size are bounded: nesting, the colouring of code and the length of the result have limits, and beyond them
//     the message, or the part of it, stays plain.
//   - Plain stays plain: a text whose HTML would say nothing that the text does not say has none.
//
// What the result of a text is may change from one Version to the next; within one it does not, but that code stays without
// its colours where finding them takes too long.
package markdown
