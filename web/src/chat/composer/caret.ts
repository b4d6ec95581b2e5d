/** Where things stand in a textarea, and how to write into it. */
import type { Edit } from './token';

const copied = [
  'direction',
  'fontFamily',
  'fontSize',
  'fontStyle',
  'fontWeight',
  'letterSpacing',
  'lineHeight',
  'paddingBottom',
  'paddingLeft',
  'paddingRight',
  'paddingTop',
  'tabSize',
  'textAlign',
  'wordSpacing',
] as const;

/** How far from the textarea's left edge a character stands, in px. */
export function placeOf(box: HTMLTextAreaElement, at: number): number {
  const style = getComputedStyle(box);
  const mirror = document.createElement('div');
  for (const property of copied) {
    mirror.style[property] = style[property];
  }
  Object.assign(mirror.style, {
    position: 'absolute',
    visibility: 'hidden',
    boxSizing: 'border-box',
    inlineSize: `${box.clientWidth}px`,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  });
  const mark = document.createElement('span');
  mark.textContent = '\u200b';
  mirror.append(box.value.slice(0, at), mark);
  document.body.append(mirror);
  const { offsetLeft } = mark;
  mirror.remove();
  return offsetLeft;
}

/**
 * Writes as somebody who types would: with an input event, and as one step that the browser can undo. execCommand is
 * marked as old, yet nothing else keeps a field's history: setRangeText, which stands in where it does nothing, and
 * setting the value both end it in Chromium and in Safari.
 */
export function write(box: HTMLTextAreaElement, { start, end, insert }: Edit): void {
  // What is there already stays: taking the rest back then leaves a caret, not a selection that the next key would replace.
  let same = 0;
  while (same < end - start && box.value[start + same] === insert[same]) {
    same++;
  }
  const added = insert.slice(same);
  box.focus();
  box.setSelectionRange(start + same, end);
  if (!document.execCommand?.('insertText', false, added)) {
    box.setRangeText(added, start + same, end, 'end');
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/** Writes where the caret stands, over what is selected. */
export function writeAtCaret(box: HTMLTextAreaElement, insert: string): void {
  write(box, { start: box.selectionStart, end: box.selectionEnd, insert });
}
