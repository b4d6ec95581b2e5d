import { useEffect } from 'react';
import { useClient } from '../app/client';
import { useBadge } from './badge';
import { useLevel } from './choice';

/**
 * Draws attention to what is unread: by the tab's title, the icons and, if that was chosen, by notifications. room is what
 * is on screen; not active, nobody is signed in here.
 */
export function useAttention(active: boolean, room: string | null): void {
  const client = useClient();
  const on = useLevel() !== 'off';
  useBadge(active, room);
  useEffect(() => {
    if (!active || !on) {
      return;
    }
    let ended = false;
    let stop = () => {};
    import('./desktop')
      .then(({ notifyFrom }) => {
        if (!ended) {
          stop = notifyFrom(client);
        }
      })
      .catch(() => {}); // no connection: it is fetched when the page is opened again
    return () => {
      ended = true;
      stop();
    };
  }, [client, active, on]);
}
