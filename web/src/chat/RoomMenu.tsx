import { rest } from '@parley-chat/client/rest';
import { AtSign, Bell, BellOff, CheckCheck, Info, Volume2, VolumeX } from 'lucide-react';
import { type RefObject, useState } from 'react';
import { useClient, useParley } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { rooms } from '../text/rooms';
import { threads } from '../text/threads';
import type { MenuEntry } from '../ui/Menu';
import MenuPopup from '../ui/MenuPopup';

import { showPanel } from './panel';
import { useTitle } from './rooms';

const words = threads.room;

interface RoomMenuProps {
  room: string;
  /** What it stands at; it gets the focus back. */
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
}

/** What one can do with a room for oneself: of what it tells, whether it is heard at all, and that all in it is read. */
export function RoomMenu({ room, anchor, onClose }: RoomMenuProps) {
  const client = useClient();
  const title = useTitle(room);
  const muted = useParley((state) => state.rooms[room]?.muted ?? false);
  const notify = useParley((state) => state.rooms[room]?.notify ?? '');
  const direct = useParley((state) => state.rooms[room]?.kind === 'direct');
  const unread = useParley((state) => (state.rooms[room]?.unread ?? 0) > 0);
  const [problem, setProblem] = useState<string | null>(null);
  const set = (change: Parameters<ReturnType<typeof rest>['setNotify']>[1]) => {
    setProblem(null);
    rest(client)
      .setNotify(room, change)
      .catch((err: Error) => setProblem(words.notSet(err.message)));
  };
  const entries: MenuEntry[] = [
    {
      kind: 'choose',
      label: problem ?? words.notify,
      value: notify || (direct ? 'all' : 'mentions'),
      options: [
        { value: 'all', label: words.levels.all, icon: Bell },
        { value: 'mentions', label: words.levels.mentions, icon: AtSign },
        { value: 'nothing', label: words.levels.nothing, icon: BellOff },
      ],
      onChange: (level) => set({ level: level as 'all' | 'mentions' | 'nothing' }),
    },
    {
      kind: 'do',
      label: muted ? words.unmute : words.mute,
      icon: muted ? Volume2 : VolumeX,
      onSelect: () => set({ muted: !muted }),
    },
    ...(unread
      ? ([{ kind: 'do', label: words.markRead, icon: CheckCheck, onSelect: () => client.seen(room) }] as const)
      : []),
    { kind: 'line' },
    {
      kind: 'do',
      label: rooms.details.title,
      icon: Info,
      onSelect: () => {
        if (client.getState().open !== room) navigate(roomPath(room));
        showPanel({ kind: 'details' });
      },
    },
  ];
  return <MenuPopup open onClose={onClose} anchor={anchor} label={words.menu(title)} entries={entries} />;
}
