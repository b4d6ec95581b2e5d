/** What tabs of one browser say to each other, and which of them sends. */
import type { Settled } from '../keep.ts';

export type Said =
  /** The outbox is another one now. settled: where messages of it were stored. */
  | { type: 'outbox'; settled: readonly Settled[] }
  | { type: 'seen'; room: string; n: number }
  | { type: 'draft'; room: string; text: string }
  | { type: 'signed_out' };

/** from is the tab, owner the person who is signed in there. */
export type Message = Said & { readonly from: string; readonly owner: string };

/** Tabs that say M to each other. */
export interface Tabs<M = Message> {
  /** Tells all other tabs. */
  say(message: M): void;
  /** Called with what other tabs say. */
  heard: (message: M) => void;
  /** Waits until no other tab has the turn, then calls got once. Returns what gives it back, or ends the waiting. */
  turn(got: () => void): () => void;
}

/**
 * browserTabs are those of one browser that call themselves by the same name. They use the browser's channels and locks. One
 * that lacks either, as outside of TLS, gives the turn to each tab: messages are then sent by several, and stored once.
 */
export function browserTabs<M = Message>(name: string): Tabs<M> {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
  const locks = globalThis.navigator?.locks;
  const tabs: Tabs<M> = {
    say: (message) => channel?.postMessage(message),
    heard: () => {},
    turn(got) {
      if (!locks || !channel) {
        got();
        return () => {};
      }
      const waiting = new AbortController();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const hold = () => {
        if (!waiting.signal.aborted) got();
        return waiting.signal.aborted ? undefined : held;
      };
      locks.request(name, { signal: waiting.signal }, hold).catch(() => waiting.signal.aborted || got());
      return () => {
        waiting.abort();
        release();
      };
    },
  };
  if (channel) channel.onmessage = (e) => tabs.heard(e.data);
  return tabs;
}
