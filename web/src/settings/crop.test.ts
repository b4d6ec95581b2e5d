import { expect, test } from 'vitest';
import { type Crop, middle, moved, pressed, zoomed, zoomOf } from './crop';

const wide = { width: 400, height: 100 };

test('begins with the largest square in the middle', () => {
  expect(middle(wide)).toEqual({ x: 150, y: 0, side: 100 });
  expect(middle({ width: 30, height: 90 })).toEqual({ x: 0, y: 30, side: 30 });
});

test('moves as far as the picture goes', () => {
  expect(moved(middle(wide), 20, 20, wide)).toEqual({ x: 170, y: 0, side: 100 });
  expect(moved(middle(wide), 1000, -5, wide)).toEqual({ x: 300, y: 0, side: 100 });
  expect(moved(middle(wide), -1000, 0, wide)).toEqual({ x: 0, y: 0, side: 100 });
});

test('enlarges about its middle, and never leaves the picture', () => {
  const near = zoomed(middle(wide), 1, wide);
  expect(near).toEqual({ x: 193.75, y: 43.75, side: 12.5 });
  expect(zoomOf(near, wide)).toBeCloseTo(1);
  expect(zoomed(near, 0, wide)).toEqual(middle(wide));
  const corner = moved(near, -1000, -1000, wide);
  expect(zoomed(corner, 0, wide)).toEqual({ x: 0, y: 0, side: 100 });
  expect(zoomed(near, 7, wide).side).toBe(12.5);
  expect(zoomed(near, -7, wide).side).toBe(100);
});

test('takes arrows, plus and minus', () => {
  const crop = middle(wide);
  const press = (key: string, from: Crop = crop) => pressed(key, from, wide);
  expect(press('ArrowLeft')?.x).toBeLessThan(crop.x);
  expect(press('ArrowRight')?.x).toBeGreaterThan(crop.x);
  const near = zoomed(crop, 0.5, wide);
  expect(press('ArrowUp', near)?.y).toBeLessThan(near.y);
  expect(press('ArrowDown', near)?.y).toBeGreaterThan(near.y);
  expect(press('+')?.side).toBeLessThan(100);
  expect(press('-', near)?.side).toBeGreaterThan(near.side);
  expect(press('a')).toBeNull();
});
