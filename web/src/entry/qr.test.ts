import { encode } from 'uqr';
import { expect, it } from 'vitest';
import { qrPath } from './qr';

const link = 'https://chat.tidewater.example/join/mfrggzdfmztwq2lknnwg23tpoa';

/** Draws the path on a grid. */
function modules(size: number, path: string): boolean[][] {
  const grid = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let i = 0; i < Number(width); i++) {
      const row = grid[Number(y)];
      if (row) row[Number(x) + i] = true;
    }
  }
  return grid;
}

it('draws every dark module and no light one, within a quiet zone of four', () => {
  const { size, path } = qrPath(link);
  const grid = modules(size, path);
  expect(grid).toEqual(encode(link, { ecc: 'M', border: 4 }).data);
  expect(grid[4]?.slice(0, 12)).toEqual([false, false, false, false, true, true, true, true, true, true, true, false]);
  expect(grid.slice(0, 4).flat()).not.toContain(true);
});

it('is another code for another text', () => {
  expect(qrPath(link).path).not.toBe(qrPath(`${link}a`).path);
});
