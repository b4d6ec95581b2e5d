import { linkTo } from '../app/router';
import type { Piece } from '../text/pieces';

/** A text of several pieces, one after the other. */
export function Pieces({ of }: { of: readonly Piece[] }) {
  let place = 0;
  return of.map((piece) => {
    if (typeof piece === 'string') return piece;
    if ('name' in piece) return <b key={place++}>{piece.name}</b>;
    if ('code' in piece) return <code key={place++}>{piece.code}</code>;
    return (
      <a key={place++} {...linkTo(piece.to)}>
        {piece.link}
      </a>
    );
  });
}
