/** The store holds the state, applies events to it and tells listeners, at most once in FRAME milliseconds. */
import { type Event, initial, reduce } from './reduce.ts';
import type { State, Timer } from './types.ts';

/** Listeners are told at most this often, in milliseconds: as often as a screen is drawn. */
const FRAME = 16;

export interface StoreClock {
  now: () => number;
  setTimeout: (run: () => void, ms: number) => Timer;
  clearTimeout: (timer: Timer) => void;
}

export class Store {
  #state: State = initial;
  #listeners = new Set<() => void>();
  #timer: Timer | null = null;
  #told = -Infinity;
  #clock: StoreClock;

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  getState = (): State => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    const entry = () => listener(); // the same listener may come twice
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  };

  /** dispatch applies an event. now: listeners are told before it returns, for what a person does. */
  dispatch(event: Event, now = false): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    const passed = this.#clock.now() - this.#told;
    if (now || passed >= FRAME || passed < 0) this.#tell();
    else this.#timer ??= this.#clock.setTimeout(() => this.#tell(), FRAME - passed);
  }

  #tell(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#told = this.#clock.now();
    for (const listener of [...this.#listeners]) listener();
  }
}
