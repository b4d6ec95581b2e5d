/** One timer. It is set or it is not; whoever sets it again forgets what it was set to. */
import type { Clock } from './heartbeat.ts';
import type { Timer } from './types.ts';

export class Alarm {
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  #timer: Timer | null = null;

  constructor(clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>) {
    this.#clock = clock;
  }

  get on(): boolean {
    return this.#timer !== null;
  }

  set(run: () => void, ms: number): void {
    this.off();
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      run();
    }, ms);
  }

  off(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
