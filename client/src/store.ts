/**
 * The store holds the state, applies events to it and tells listeners: at most once in FRAME milliseconds, and more seldom
 * where drawing takes long, so that a page on a slow device still answers its keys while a room is busy.
 */
import { Alarm } from './alarm.ts';
import { type Event, initial, reduce } from './reduce.ts';
import type { State, Timer } from './types.ts';

/** Listeners are told at most this often, in milliseconds: as often as a screen is drawn. */
const FRAME = 16;
/** So many times as long as listeners took is the pause until they are told again, of what nobody here has done. */
const REST = 6;
/** The longest pause, in milliseconds. */
const LONGEST = 250;

export interface StoreClock {
  now: () => number;
  setTimeout: (run: () => void, ms: number) => Timer;
  clearTimeout: (timer: Timer) => void;
}

export class Store {
  #state: State = initial;
  #listeners = new Set<() => void>();
  readonly #timer: Alarm;
  #told = -Infinity;
  /** The pause after the last time, by how long that took. */
  #pause = FRAME;
  #clock: StoreClock;

  constructor(clock: StoreClock) {
    this.#clock = clock;
    this.#timer = new Alarm(clock);
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
    if (now || passed >= this.#pause || passed < 0) this.#tell();
    else if (!this.#timer.on) this.#timer.set(() => this.#tell(), this.#pause - passed);
  }

  #tell(): void {
    this.#timer.off();
    this.#told = this.#clock.now();
    for (const listener of [...this.#listeners]) listener();
    // Frameworks draw in a microtask of their own, which stands before this one.
    queueMicrotask(() => {
      const took = this.#clock.now() - this.#told;
      this.#pause = Math.min(LONGEST, Math.max(FRAME, REST * took));
    });
  }
}
