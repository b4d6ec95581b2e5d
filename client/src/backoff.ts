/** How long to wait before connecting again: 0.5 to 1 s at random, then twice as long each time, up to 30 s. */
export const MAX_DELAY = 30_000;

/** A connection that lived for so long, in milliseconds, was a good one: the next wait is short again. */
export const GOOD_LIFE = 5_000;

export class Backoff {
  #attempts = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): number {
    const delay = (500 + 500 * this.#random()) * 2 ** Math.min(this.#attempts, 10);
    this.#attempts++;
    return Math.min(MAX_DELAY, delay);
  }

  /** Whether no attempt has failed since the last good connection. */
  get fresh(): boolean {
    return this.#attempts === 0;
  }

  reset(): void {
    this.#attempts = 0;
  }
}
