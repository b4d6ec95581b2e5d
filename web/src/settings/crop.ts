// Which square of a picture is kept. Lengths are pixels of the picture.

/** A picture's width and height. */
export interface Size {
  width: number;
  height: number;
}

/** A square within a picture, by its upper left corner. */
export interface Crop {
  x: number;
  y: number;
  side: number;
}

/** How many times the largest square can be enlarged. */
const most = 8;

/** The largest square, in the middle. */
export function middle({ width, height }: Size): Crop {
  const side = Math.min(width, height);
  return { x: (width - side) / 2, y: (height - side) / 2, side };
}

/** The square moved, as far as the picture goes. */
export function moved({ x, y, side }: Crop, dx: number, dy: number, { width, height }: Size): Crop {
  return { x: within(x + dx, width - side), y: within(y + dy, height - side), side };
}

/** How far a square is enlarged: 0 for the largest, 1 for the smallest there is. */
export function zoomOf({ side }: Crop, size: Size): number {
  return Math.log(middle(size).side / side) / Math.log(most);
}

/** The square enlarged to zoom, from 0 to 1, about its middle. */
export function zoomed({ x, y, side }: Crop, zoom: number, size: Size): Crop {
  const next = middle(size).side / most ** within(zoom, 1);
  return moved({ x: x + (side - next) / 2, y: y + (side - next) / 2, side: next }, 0, 0, size);
}

/** What a key does to the square, null for a key that does nothing: arrows move it, + and - enlarge it. */
export function pressed(key: string, crop: Crop, size: Size): Crop | null {
  const step = crop.side / 16;
  const zoom = zoomOf(crop, size);
  switch (key) {
    case 'ArrowLeft':
      return moved(crop, -step, 0, size);
    case 'ArrowRight':
      return moved(crop, step, 0, size);
    case 'ArrowUp':
      return moved(crop, 0, -step, size);
    case 'ArrowDown':
      return moved(crop, 0, step, size);
    case '+':
    case '=':
      return zoomed(crop, zoom + 0.05, size);
    case '-':
      return zoomed(crop, zoom - 0.05, size);
    default:
      return null;
  }
}

const within = (value: number, largest: number) => Math.min(Math.max(value, 0), Math.max(largest, 0));
