// Copying text. The clipboard API is missing on plain http and may be forbidden; the selection of a field is not.

/**
 * Puts the field's text on the clipboard and says whether that worked. If it did not, the text is left selected, so that
 * the person can copy it with the keyboard.
 */
export async function copyField(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return copySelection(field.ownerDocument);
  }
}

function copySelection(page: Document): boolean {
  try {
    return page.execCommand('copy');
  } catch {
    return false;
  }
}
