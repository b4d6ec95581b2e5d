import type { Client } from '@parley-chat/client';
import { type Heard, onMessage } from '@parley-chat/client/heard';
import { browserTabs, type Tabs } from '@parley-chat/client/offline';
import { navigate, roomPath } from '../app/router';
import { known } from '../people/live';
import { isQuiet } from '../people/quiet';
import { level } from './choice';
import { type Host, Notifier, type Said } from './notifier';

let tabs: Tabs<Said> | null = null;

/** Shows notifications of the device for what the client hears; returns what ends it. */
export function notifyFrom(client: Client): () => void {
  tabs ??= browserTabs<Said>(`parley notify ${document.baseURI}`);
  const heard = {
    getState: client.getState,
    subscribe: client.subscribe,
    onMessage: (listener: (message: Heard) => void) => onMessage(client, listener),
  };
  const notifier = new Notifier({
    client: heard,
    tabs,
    level,
    show,
    quiet: () => isQuiet(known().preferences, Date.now()),
    words: () => known().preferences?.highlights ?? [],
    blocked: (userId) => known().blocked.has(userId),
  });
  return () => notifier.stop();
}

const show: Host['show'] = ({ title, body, tag, room }) => {
  try {
    const notification = new Notification(title, { body, tag, renotify: true } as NotificationOptions);
    notification.onclick = () => {
      window.focus();
      navigate(roomPath(room));
      notification.close();
    };
    return notification;
  } catch {
    return null; // browsers of phones have the type, and refuse to make one
  }
};
