import { useLayoutEffect } from 'react';
import { useClient, useParley } from '../../app/client';
import { device, tab } from '../../app/storage';

/**
 * What is being written in a room. The client has it: it keeps it over a restart of the browser and shares it with other tabs.
 * This tab keeps a copy besides, because the client's own comes late after a reload, and not at all where the browser has no
 * database. The copy counts only if no tab has written since, for then it may have been sent: each notes the time for all.
 */
export function useDraft(room: string): [string, (text: string) => void] {
  const client = useClient();
  const me = useParley((state) => state.me?.id ?? '');
  const draft = useParley((state) => state.drafts[room]);
  const key = `draft.${me}.${room}`;
  useLayoutEffect(() => {
    if (client.getState().drafts[room] === undefined) {
      const copy = readCopy(key);
      if (copy !== '') {
        client.setDraft(room, copy);
      }
    }
  }, [client, room, key]);
  return [
    draft ?? '',
    (text) => {
      writeCopy(key, text);
      client.setDraft(room, text);
    },
  ];
}

function writeCopy(key: string, text: string): void {
  const now = String(Date.now());
  device.set(key, now);
  tab.set(key, text === '' ? '' : `${now} ${text}`);
}

function readCopy(key: string): string {
  const [, at = '', text = ''] = /^(\d+) (.*)$/su.exec(tab.get(key) ?? '') ?? [];
  return Number(at) >= Number(device.get(key) ?? 0) ? text : '';
}
