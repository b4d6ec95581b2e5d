import type { PersonStatus, Whereabouts } from '@parley-chat/client/people';
import { presence } from '../text/presence';

/** What is to be said of somebody who is here: their status, and that they are away or do not want to be disturbed. */
export function saysOf(state: Whereabouts['state'] | undefined, status: PersonStatus | undefined): string {
  const where = state === 'away' || state === 'dnd' ? presence.states[state] : '';
  return [status && `${status.emoji} ${status.text}`.trim(), where].filter(Boolean).join(' · ');
}
