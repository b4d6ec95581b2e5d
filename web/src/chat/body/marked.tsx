import { Fragment, type ReactNode } from 'react';
import { piecesOf } from '../../people/live';

/** A text with the highlighted words in it marked. */
export function marked(text: string, words: readonly string[], key: number): ReactNode {
  const pieces = words.length > 0 ? piecesOf(text, words) : null;
  if (pieces === null) {
    return text;
  }
  return (
    <Fragment key={key}>
      {pieces.map((piece, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never change their order
        piece.mark ? <mark key={at}>{piece.text}</mark> : piece.text,
      )}
    </Fragment>
  );
}
