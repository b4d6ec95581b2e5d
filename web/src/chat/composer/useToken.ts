import { type RefObject, useCallback, useMemo, useRef, useState } from 'react';
import { type Token, tokenBefore } from './token';

/** What the list of suggestions does with a key; false: nothing. */
export type OnKey = (event: KeyboardEvent) => boolean;

/** id of the list of suggestions. */
export const listId = 'composer-suggestions';

/** The token at the caret of the box, while the box has the focus and nobody has dismissed it; and what that means for the box's role. */
export function useToken(box: RefObject<HTMLTextAreaElement | null>, text: string) {
  const [caret, setCaret] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const [settled, setSettled] = useState<{ start: number; as: string } | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const keys = useRef<OnKey | null>(null);

  const found = useMemo(() => (caret === null ? null : tokenBefore(text, Math.min(caret, text.length))), [text, caret]);
  // A sign that was dismissed or completed stays so until what was written there changes, or another one is written.
  if (settled && ((found && found.start !== settled.start) || !text.startsWith(settled.as, settled.start))) {
    setSettled(null);
  }
  const token: Token | null = found && found.start !== settled?.start ? found : null;

  const look = useCallback(() => {
    const element = box.current;
    if (element) {
      const { selectionStart, selectionEnd } = element;
      setFocused(true);
      setCaret(selectionStart === selectionEnd ? selectionStart : null);
    }
  }, [box]);
  const blur = useCallback(() => setCaret(null), []);

  return {
    token,
    /** It has had the focus: suggestions may be wanted soon. */
    focused,
    keys,
    look,
    blur,
    dismiss: () => found && setSettled({ start: found.start, as: found.sign }),
    /** What was written in place of the token's sign and query. */
    complete: (value: string) => found && setSettled({ start: found.start, as: value }),
    setActive,
    aria:
      active === null
        ? {}
        : ({
            role: 'combobox',
            'aria-expanded': true,
            'aria-haspopup': 'listbox',
            'aria-autocomplete': 'list',
            'aria-controls': listId,
            'aria-activedescendant': active,
          } as const),
  };
}
