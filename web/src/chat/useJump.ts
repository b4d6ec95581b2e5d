import { ApiError, type Client, type Entry } from '@parley-chat/client';
import { useEffect, useState } from 'react';
import { useClient, useParley } from '../app/client';
import { navigate, roomPath, routeOf, usePath } from '../app/router';
import { timeline } from '../text/timeline';
import { openThread } from './panel';
import { forgetPlace, placeOf } from './useScroll';

/** The message that the page's address names, if it is one of this room. */
export function useTarget(room: string): string | null {
  const route = routeOf(usePath());
  return (route.kind === 'chat' && route.room === room && route.message) || null;
}

/** What went wrong on the way to a message. */
export interface Lost {
  text: string;
  /** Tries again; null where that would not help. */
  retry: (() => void) | null;
  dismiss: () => void;
}

interface Jump {
  /** Rows are not to be shown yet: the message that they are to begin at is on its way. */
  seeking: boolean;
  lost: Lost | null;
}

/**
 * Goes to the message of the address, or, when a room is entered, to where it was left if that is not loaded any more.
 * shown: the entries that would be shown; null while the room is being loaded.
 */
export function useJump(name: string, target: string | null, shown: readonly Entry[] | null, entered: boolean): Jump {
  const client = useClient();
  const open = useParley((state) => state.open === name && state.rooms[name] !== undefined);
  const [lost, setLost] = useState<{ id: string; text: string; gone: boolean } | null>(null);
  const [arrived, setArrived] = useState<string | null>(null);
  const wanted = target ?? (entered ? null : leftOut(name, shown));
  const [again, setAgain] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: trying again is a reason to run
  useEffect(() => {
    if (wanted === null || !open) {
      return;
    }
    let here = true;
    client.jump(name, wanted).then(
      () => here && setArrived(wanted),
      async (err: unknown) => {
        const thread = target === null ? null : await threadOf(client, name, wanted);
        if (!here) {
          return;
        }
        setArrived(wanted);
        if (thread !== null) {
          navigate(roomPath(name), { replace: true });
          openThread(name, thread);
          return;
        }
        if (target === null) {
          forgetPlace(name);
        } else {
          setLost({ id: wanted, ...why(err) });
          navigate(roomPath(name), { replace: true });
        }
      },
    );
    return () => {
      here = false;
    };
  }, [client, name, wanted, open, again]);

  return {
    seeking: wanted !== null && arrived !== wanted,
    lost: lost && {
      text: lost.text,
      retry: lost.gone
        ? null
        : () => {
            setLost(null);
            setArrived(null);
            setAgain((n) => n + 1);
            navigate(`${roomPath(name)}/${encodeURIComponent(lost.id)}`, { replace: true });
          },
      dismiss: () => setLost(null),
    },
  };
}

/** Id of the message where a room was left, if its list does not have it. */
function leftOut(name: string, shown: readonly Entry[] | null): string | null {
  const place = placeOf(name);
  if (!place || place.id === null || shown === null) {
    return null;
  }
  return shown.some((entry) => entry.key === place.key || (entry.kind === 'message' && entry.id === place.id))
    ? null
    : place.id;
}

/** The thread that a message is a reply in: no list of the room has it. */
async function threadOf(client: Client, room: string, id: string): Promise<string | null> {
  const path = `api/rooms/${encodeURIComponent(room)}/messages/${encodeURIComponent(id)}`;
  const message = await client.api.ask<{ thread?: string }>('GET', path).catch(() => null);
  return message?.thread ?? null;
}

function why(err: unknown): { text: string; gone: boolean } {
  const gone = err instanceof ApiError && (err.code === 'not_found' || err.code === 'invalid');
  return { gone, text: gone ? timeline.missing : timeline.unreached(err instanceof Error ? err.message : String(err)) };
}
