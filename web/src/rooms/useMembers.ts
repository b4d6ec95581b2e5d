import type { RestMember } from '@parley-chat/client/rest';
import { useEffect, useRef } from 'react';
import { useApi } from '../app/api';
import { useParley } from '../app/client';
import { type Loaded, useLoad } from '../entry/load';

/** Pages of members that are read; with more people in it a room does not list everyone. */
const pages = 10;

const telling = new Set(['member_added', 'member_removed', 'member_banned', 'member_left', 'role']);

/** The members of a room, read again when the room tells that somebody came, went or has another role. */
export function useMembers(name: string): Loaded<readonly RestMember[]> {
  const api = useApi();
  const id = useParley((state) => state.rooms[name]?.id ?? '');
  const told = useParley((state) => {
    const entries = state.rooms[name]?.entries ?? [];
    for (let i = entries.length - 1; i >= 0; i--) {
      const e = entries[i];
      if (e?.kind === 'notice' && telling.has(e.notice)) return e.seq;
    }
    return null;
  });
  const loaded = useLoad(id, async () => {
    const all: RestMember[] = [];
    let after: string | undefined;
    for (let page = 0; page < pages; page++) {
      const { people, next } = await api.members(name, after);
      all.push(...people);
      if (next === null) break;
      after = next;
    }
    return all as readonly RestMember[];
  });
  const { again } = loaded;
  const first = useRef(told);
  useEffect(() => {
    if (told !== first.current) {
      first.current = told;
      again();
    }
  }, [told, again]);
  return loaded;
}
