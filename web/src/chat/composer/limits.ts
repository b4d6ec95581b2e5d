import { type RefObject, useEffect, useRef, useState } from 'react';
import { composer as words } from '../../text/composer';
import { contentLength, maxBox, maxContent, nearlyFull } from './composing';

/** How long a text is, once that begins to matter, and whether it is longer than may be sent. */
export function useLength(text: string): { length: number; over: boolean } {
  const length = text.length > nearlyFull ? contentLength(text) : text.length;
  return { length, over: length > maxContent };
}

/** Refuses what would make the box stand still, and returns what to say of it until the text changes. Nothing is lost by that: it is where it came from. */
export function useTooMuch(box: RefObject<HTMLTextAreaElement | null>, text: string): string | null {
  const [refused, setRefused] = useState<{ of: string; length: number } | null>(null);
  const now = useRef(text);
  now.current = text;
  useEffect(() => {
    const element = box.current;
    const onInput = (event: InputEvent) => {
      const added = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
      if (added.length + now.current.length > maxBox && added.length > 1) {
        event.preventDefault();
        setRefused({ of: now.current, length: added.length + now.current.length });
      }
    };
    element?.addEventListener('beforeinput', onInput);
    return () => element?.removeEventListener('beforeinput', onInput);
  }, [box]);
  return refused && refused.of === text ? words.tooMuch(refused.length, maxBox) : null;
}
