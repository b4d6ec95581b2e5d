import type { RefObject } from 'react';
import { useClient } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { neighbour } from '../keyboard/neighbour';
import type { Act } from '../keyboard/shortcuts';
import { useShortcuts } from '../keyboard/useShortcuts';
import type { Over } from './Overlay';
import type { TimelineHandle } from './Timeline';

interface Around {
  room: string | null;
  timeline: RefObject<TimelineHandle | null>;
  show: (over: Over) => void;
  /** Takes away what lies over the room, if something does: Esc does that first. */
  uncover: (() => void) | null;
}

/** Does what the page's shortcuts ask for. */
export function useActs({ room, timeline, show, uncover }: Around): void {
  const client = useClient();
  const beside = (step: 1 | -1, unread: boolean) => {
    const next = neighbour(client.getState(), room, step, unread);
    if (next !== null) {
      navigate(roomPath(next));
    }
  };
  const acts: Record<Act, () => void> = {
    switcher: () => show('switcher'),
    help: () => show('help'),
    previous: () => beside(-1, false),
    next: () => beside(1, false),
    previousUnread: () => beside(-1, true),
    nextUnread: () => beside(1, true),
    readRoom: () => {
      if (uncover !== null) {
        uncover();
      } else if (room !== null) {
        client.seen(room);
        timeline.current?.toEnd();
      }
    },
    readAll: () => client.allSeen(),
  };
  useShortcuts((act) => acts[act]());
}
