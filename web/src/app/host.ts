import type { Client, RestWorkspace } from '@parley-chat/client';
import { useSyncExternalStore } from 'react';
import { href } from './router';
import { tab } from './storage';

/** The site that this chat is part of, where it keeps the people: they come in there, and nowhere here. */
export interface Host {
  /** Where people sign in; null if the server does not say. */
  signIn: string | null;
}

const changed = new EventTarget();
let known: Host | null = null;

/** Notes what the server says of itself. */
export function learnHost(workspace: Pick<RestWorkspace, 'accounts' | 'sign_in_url'>): Host | null {
  const signIn = workspace.sign_in_url ?? null;
  if (workspace.accounts !== 'host') known = null;
  else if (known?.signIn !== signIn) known = { signIn };
  changed.dispatchEvent(new Event('change'));
  return known;
}

/** Asks for it beside what else is asked; that it cannot be had now changes nothing. */
export async function askForHost(client: Client): Promise<void> {
  try {
    learnHost(await client.api.workspace());
  } catch {
    // whatever else is asked of the server will say so
  }
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener('change', listener);
  return () => changed.removeEventListener('change', listener);
}

/** null: people have accounts of the chat's own, or it is not known yet. */
export function useHost(): Host | null {
  return useSyncExternalStore(subscribe, () => known);
}

/** The address to sign in at, with the way back to what is on screen; null if none is known. */
export function signInAddress(host: Host, path = location.pathname): string | null {
  if (host.signIn === null) return null;
  const url = new URL(host.signIn, location.origin);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  url.searchParams.set('next', path);
  return url.href;
}

/** Who comes back from the site within this time without being known is not sent there again: it would go on for ever. */
const AGAIN = 10_000;

/** Whether to go to the site at once; it says so once in a while. */
export function mayGo(now = Date.now()): boolean {
  const last = Number(tab.get('sent') ?? 0);
  if (now - last < AGAIN && last <= now) return false;
  tab.set('sent', String(now));
  return true;
}

/** Where to come back to: what is on screen, or the chat if that is a form which has no meaning here. */
export function wayBack(isForm: boolean): string {
  return isForm ? href('/') : location.pathname;
}
