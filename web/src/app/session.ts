import { ApiError, type Client } from '@parley-chat/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { forgetRecent } from '../keyboard/recent';
import { app } from '../text/app';
import { useClient, useParley } from './client';
import { askForHost, type Host, learnHost } from './host';
import { href } from './router';
import { device, tab } from './storage';
import { applyHue } from './theme';

/** Who is in front of the page: nobody knows yet, somebody, nobody, or the server has no account yet. */
export type Session =
  | { kind: 'checking' }
  | { kind: 'in' }
  | { kind: 'out' }
  | { kind: 'host'; host: Host } // nobody, and the site that this is part of has to let them in
  | { kind: 'unset'; guests: boolean; open: boolean } // open: anybody may register
  | { kind: 'failed'; message: string };

const checking: Session = { kind: 'checking' };

/**
 * Asks the server who is here, and starts the client once somebody is. It asks again at each new path until then:
 * that is how the page hears that a form has signed somebody in.
 */
export function useSession(path: string): { session: Session; retry: () => void } {
  const client = useClient();
  const [answer, setAnswer] = useState({ path, found: checking as Session });
  const [tries, setTries] = useState(0);
  const started = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new path, or "Try again", is why it asks again
  useEffect(() => {
    if (started.current) {
      return;
    }
    let current = true;
    askWho(client).then((found) => {
      if (!current || started.current) {
        return;
      }
      if (found.kind === 'in') {
        started.current = true;
        client.start();
      }
      setAnswer({ path, found });
    });
    return () => {
      current = false;
    };
  }, [client, path, tries]);

  // That nobody was here at the last path says nothing of this one: a form may have brought them in.
  const stale = answer.path !== path && answer.found.kind !== 'in';
  const session = stale ? checking : answer.found;
  return { session, retry: useCallback(() => setTries((n) => n + 1), []) };
}

async function askWho(client: Client): Promise<Session> {
  const host = askForHost(client);
  try {
    await client.api.me();
    await host;
    return { kind: 'in' };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) {
      return { kind: 'failed', message: textOf(error) };
    }
  }
  try {
    const workspace = await client.api.workspace();
    applyHue(workspace.hue);
    const at = learnHost(workspace);
    if (at !== null) {
      return { kind: 'host', host: at };
    }
    if (workspace.set_up) {
      return { kind: 'out' };
    }
    return { kind: 'unset', guests: workspace.guests, open: workspace.registration === 'open' };
  } catch (error) {
    return { kind: 'failed', message: textOf(error) };
  }
}

/** What an error says, without a full stop, so that it can follow a colon. */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message.trim().replace(/\.$/u, '') : '';
  return text || app.noAnswer;
}

/** Colours the page as the workspace is. */
export function useHue(): void {
  const hue = useParley((state) => state.workspace?.hue);
  useEffect(() => {
    if (hue !== undefined) {
      applyHue(hue);
    }
  }, [hue]);
}

/** Id of the room to come back to, on this device. */
export const lastRoom = {
  get: () => device.get('room'),
  set: (id: string) => device.set('room', id),
};

/** Forgets what this browser keeps of somebody besides what the client does: where they were, and what they wrote. */
function forgetPerson(me: string): void {
  forgetRecent(me);
  device.forget(`draft.${me}.`);
  tab.clear();
}

/** Leaves nothing of somebody whose session was ended elsewhere, be it by another tab. */
export function useForgetting(): void {
  const gone = useParley((state) => (state.status === 'signed_out' ? (state.me?.id ?? null) : null));
  useEffect(() => {
    if (gone !== null) {
      forgetPerson(gone);
    }
  }, [gone]);
}

/** Where whoever had to sign in first was going, in this tab: the path, once. */
export const wanted = {
  set: (path: string) => tab.set('wanted', path),
  take: () => {
    const path = tab.get('wanted');
    tab.set('wanted', '');
    return path;
  },
};

/**
 * Ends the session on the server and loads the page afresh, so that nothing of it stays in memory.
 * Rejects when the server could not be told: the session then lives on, and the page says so.
 */
export async function signOut(client: Client): Promise<void> {
  const me = client.getState().me?.id;
  await client.api.logout();
  client.stop();
  if (me !== undefined) {
    forgetPerson(me);
  }
  location.assign(href('/signin'));
}
