import type { Room, State } from '@parley-chat/client';
import type { Heard } from '@parley-chat/client/heard';
import type { Tabs } from '@parley-chat/client/offline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { room, state } from '../chat/testing';
import type { Level } from './choice';
import { gathering, Notifier, pause, type Said } from './notifier';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A browser with several tabs: what they say reaches the others, and one has the turn. */
class Browser {
  readonly shown: string[] = [];
  readonly closed: string[] = [];
  level: Level = 'all';
  quiet = false;
  words: readonly string[] = [];
  blocked = '';
  private readonly all: Tabs<Said>[] = [];
  private readonly waiting: (() => void)[] = [];

  tab(): Tab {
    const tabs: Tabs<Said> = {
      heard: () => {},
      say: (said) => {
        for (const other of this.all) if (other !== tabs) other.heard(said);
      },
      turn: (got) => {
        this.waiting.push(got);
        if (this.waiting[0] === got) got();
        return () => {
          const first = this.waiting[0] === got;
          this.waiting.splice(this.waiting.indexOf(got), 1);
          if (first) this.waiting[0]?.();
        };
      },
    };
    this.all.push(tabs);
    return new Tab(this, tabs);
  }
}

class Tab {
  readonly notifier: Notifier;
  private state: State = state({
    open: null,
    visible: false,
    rooms: { general: room(), help: room({ name: 'help' }), random: room({ name: 'random' }) },
  });
  private readonly listeners = new Set<() => void>();
  private tell: (message: Heard) => void = () => {};

  constructor(browser: Browser, tabs: Tabs<Said>) {
    this.notifier = new Notifier({
      tabs,
      level: () => browser.level,
      quiet: () => browser.quiet,
      words: () => browser.words,
      blocked: (userId) => userId === browser.blocked,
      client: {
        getState: () => this.state,
        subscribe: (listener) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
        onMessage: (listener) => {
          this.tell = listener;
          return () => {
            this.tell = () => {};
          };
        },
      },
      show: ({ title, tag }) => {
        browser.shown.push(title);
        return { close: () => browser.closed.push(tag) };
      },
    });
  }

  set(over: Partial<State>): void {
    this.state = { ...this.state, ...over };
    for (const listener of this.listeners) listener();
  }

  reads(name: string, readN: number): void {
    this.set({ rooms: { ...this.state.rooms, [name]: room({ ...this.state.rooms[name], readN }) } });
  }

  hears(n: number, over: Partial<Heard> = {}): void {
    this.tell({
      room: 'general',
      id: `id-${n}`,
      n,
      user: 'bob',
      userId: 'u-bob',
      content: `text ${n}`,
      names: false,
      past: false,
      ...over,
    });
  }
}

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

describe('a message', () => {
  it('is told of once, whatever tabs there are, and by another when the one that tells is gone', () => {
    const [one, two, three] = [browser.tab(), browser.tab(), browser.tab()];
    for (const tab of [one, two, three]) tab.hears(1);
    vi.advanceTimersByTime(pause);
    expect(browser.shown).toEqual(['bob in #general']);
    one.set({ status: 'disconnected' });
    for (const tab of [two, three]) tab.hears(2);
    vi.advanceTimersByTime(pause);
    two.notifier.stop();
    three.hears(3);
    vi.advanceTimersByTime(pause);
    expect(browser.shown).toHaveLength(3);
  });

  it('is not told of in a room before somebody’s eyes, in whichever tab', () => {
    const [one, two] = [browser.tab(), browser.tab()];
    two.set({ open: 'general', visible: true });
    for (const tab of [one, two]) {
      tab.hears(1);
      tab.hears(1, { room: 'help' });
    }
    vi.advanceTimersByTime(pause);
    expect(browser.shown).toEqual(['bob in #help']);
    one.set({ open: 'help', visible: true });
    two.set({ visible: false });
    for (const tab of [one, two]) {
      tab.hears(2);
      tab.hears(2, { room: 'help' });
    }
    vi.advanceTimersByTime(pause);
    expect(browser.shown).toEqual(['bob in #help', 'bob in #general']);
  });

  it('is not told of when it is one’s own, was read meanwhile, or was not asked for', () => {
    const tab = browser.tab();
    tab.hears(1, { userId: 'u-ann', user: 'ann' });
    tab.hears(2);
    tab.reads('general', 2);
    vi.advanceTimersByTime(pause);
    browser.level = 'off';
    tab.hears(3);
    vi.advanceTimersByTime(pause);
    browser.level = 'mentions';
    tab.hears(4);
    vi.advanceTimersByTime(pause);
    expect(browser.shown).toEqual([]);
    tab.hears(5, { names: true }); // by their name, or as one of all
    vi.advanceTimersByTime(pause);
    expect(browser.shown).toEqual(['bob in #general']);
  });

  it('is told of when it has a highlighted word, and not at all while one does not want to be disturbed, or of who is blocked', () => {
    const tab = browser.tab();
    const hear = (n: number, over: Partial<Heard> = {}) => {
      tab.hears(n, { content: 'we Deploy today', ...over });
      vi.advanceTimersByTime(pause);
    };
    browser.level = 'mentions';
    hear(1);
    browser.words = ['deploy'];
    hear(2);
    expect(browser.shown).toHaveLength(1);
    browser.blocked = 'u-bob';
    hear(3);
    browser.blocked = '';
    browser.quiet = true;
    browser.level = 'all';
    hear(4, { names: true });
    expect(browser.shown).toHaveLength(1);
    browser.quiet = false;
    hear(5);
    expect(browser.shown).toHaveLength(2);
  });

  it('is told of as was set for its room, and not at all where that is muted', () => {
    const tab = browser.tab();
    const shown = (of: Partial<Room>, level: Level, names = false) => {
      browser.level = level;
      browser.shown.length = 0;
      tab.set({ rooms: { general: room({ lastN: 1, ...of }) } });
      tab.hears(1, { names });
      vi.advanceTimersByTime(pause);
      return browser.shown.length;
    };
    expect(shown({ muted: true }, 'all', true)).toBe(0);
    expect(shown({ notify: 'nothing' }, 'all', true)).toBe(0);
    expect(shown({ notify: 'mentions' }, 'all')).toBe(0);
    expect(shown({ notify: 'mentions' }, 'all', true)).toBe(1);
    expect(shown({ notify: 'all' }, 'mentions')).toBe(1);
    expect(shown({ kind: 'direct' }, 'mentions')).toBe(1);
    expect(shown({ kind: 'direct', notify: 'all' }, 'off')).toBe(0);
  });

  it('is told of with others of its room that come at once, without waiting for ever', () => {
    const tab = browser.tab();
    for (let n = 1; n <= 30; n++) {
      tab.hears(n);
      vi.advanceTimersByTime(100);
    }
    expect(browser.shown).toEqual(['15 new messages in #general', '15 new messages in #general']);
  });
});

it('a notification goes when what it tells of was read', () => {
  const tab = browser.tab();
  tab.hears(4);
  tab.hears(1, { room: 'help' });
  vi.advanceTimersByTime(pause);
  tab.reads('general', 3);
  expect(browser.closed).toEqual([]);
  tab.reads('general', 4);
  expect(browser.closed).toEqual(['room general']);
  tab.set({ rooms: { general: room() } }); // one is in help no more
  expect(browser.closed).toEqual(['room general', 'room help']);
});

describe('after a cut', () => {
  it('what was missed is told of at once, when nothing more of it comes', () => {
    const tab = browser.tab();
    tab.set({ status: 'disconnected' });
    tab.set({ status: 'connected' });
    for (let n = 1; n <= 40; n++) {
      tab.hears(n, { past: true, room: n % 2 ? 'general' : 'help' });
      vi.advanceTimersByTime(100);
    }
    expect(browser.shown).toEqual([]);
    vi.advanceTimersByTime(pause);
    expect(browser.shown).toEqual(['40 new messages in 2 rooms']);
    tab.reads('general', 39);
    expect(browser.closed).toEqual([]);
    tab.reads('help', 40);
    expect(browser.closed).toEqual(['missed']);
  });

  it('waits for the end of it, but not for ever', () => {
    const tab = browser.tab();
    tab.set({ status: 'disconnected' });
    tab.set({ status: 'connected' });
    const start = Date.now();
    let n = 0;
    while (browser.shown.length === 0 && n < 1000) {
      tab.hears(++n, { past: true });
      vi.advanceTimersByTime(100);
    }
    expect(Date.now() - start).toBeLessThanOrEqual(gathering + 100);
  });

  it('a page that has just been opened tells of nothing that was said before', () => {
    const tab = browser.tab();
    tab.hears(1, { past: true });
    vi.advanceTimersByTime(gathering);
    expect(browser.shown).toEqual([]);
  });
});

it('ended, it closes what it has shown and gives the turn to another tab', () => {
  const [one, two] = [browser.tab(), browser.tab()];
  one.hears(1);
  two.hears(1);
  vi.advanceTimersByTime(pause);
  one.hears(2);
  one.notifier.stop();
  two.hears(2, { room: 'help' });
  vi.advanceTimersByTime(pause);
  expect(browser.shown).toEqual(['bob in #general', 'bob in #help']);
  expect(browser.closed).toEqual(['room general']);
});
