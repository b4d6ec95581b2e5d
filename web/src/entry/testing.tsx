// For the tests of entry and settings: a client whose server is the test.

import { ApiError, type Client, type Me, type RestWorkspace, type State } from '@parley-chat/client';
import type { Rest } from '@parley-chat/client/rest';
import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { Routes } from '../app/api';
import { ClientProvider } from '../app/client';

/** The answers that a test gives. A method that it left out fails the test by its name. */
export type Answers = Partial<Rest>;

export const workspace: RestWorkspace = {
  name: 'Tidewater',
  hue: 212,
  set_up: true,
  registration: 'invite',
  guests: false,
};

export const owner: Me = {
  id: '1',
  name: 'ann',
  display: 'ann',
  kind: 'member',
  role: 'owner',
  email: null,
  avatar: null,
};

const quiet: State = {
  status: 'connected',
  retryAt: null,
  ended: null,
  me: owner,
  workspace: null,
  rooms: {},
  renamed: {},
  removed: null,
  roomNames: [],
  open: null,
  visible: true,
  people: {},
  drafts: {},
};

// As the server writes it into the page; and what jsdom lacks for walking through radio buttons with the keyboard.
const base = document.createElement('base');
base.href = '/';
document.head.append(base);
globalThis.CSS ??= { escape: (name: string) => name } as typeof CSS;

/** Draws with a fake client, at a path. calls holds start and stop in the order in which they came. */
export function show(drawn: ReactNode, answers: Answers, { path = '/', me = owner }: { path?: string; me?: Me } = {}) {
  history.replaceState(null, '', path);
  const calls: string[] = [];
  const api = new Proxy(answers as Rest, {
    get: (given, name) =>
      given[name as keyof Rest] ??
      (() => {
        throw new Error(`nobody expected api.${String(name)}`);
      }),
  });
  const state: State = { ...quiet, me };
  const client = {
    api,
    getState: () => state,
    subscribe: () => () => {},
    start: () => void calls.push('start'),
    stop: () => void calls.push('stop'),
  } as unknown as Client;
  render(
    <ClientProvider client={client}>
      <Routes value={api}>{drawn}</Routes>
    </ClientProvider>,
  );
  return { user: userEvent.setup({ delay: null }), calls };
}

/** Fills fields by their labels, at once. */
export function fillIn(fields: Record<string, string>) {
  for (const [label, value] of Object.entries(fields)) {
    fireEvent.change(screen.getByLabelText(label), { target: { value } });
  }
}

/** A refusal by the server. */
export function refusal(code: string, message: string, retryAfter: number | null = null): ApiError {
  return new ApiError(message, code, 400, retryAfter, 'r1');
}

/** An answer that the test gives when it wants to. */
export function later<T>() {
  let answer: (value: T) => void = () => {};
  let refuse: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    answer = resolve;
    refuse = reject;
  });
  return { promise, answer, refuse };
}
