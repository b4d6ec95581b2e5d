// A QR code as the outline of its dark modules. This module is loaded when a code is shown, not before.

import { encode } from 'uqr';

/** A code of size × size modules, its quiet zone of four included, and the path of the dark ones in units of one module. */
export interface QrPath {
  size: number;
  path: string;
}

/** Encodes text, at most about 2,300 bytes; a symbol of medium error correction stays readable on a bad screen. */
export function qrPath(text: string): QrPath {
  const { size, data } = encode(text, { ecc: 'M', border: 4 });
  const runs: string[] = [];
  data.forEach((row, y) => {
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue;
      const from = x;
      while (x < size && row[x]) x++;
      runs.push(`M${from} ${y}h${x - from}v1h${from - x}z`);
    }
  });
  return { size, path: runs.join('') };
}
