import { Hash, Lock, Users } from 'lucide-react';
import { useParley } from '../app/client';
import { useWhereabouts } from '../people/live';
import { Avatar, Icon } from '../ui';
import { isHere, useTitle } from './rooms';

/** What stands before a room's name: its kind, or of a conversation with one person who that is, and whether they are here. */
export function RoomIcon({ name, size = 16 }: { name: string; size?: 16 | 20 | 24 | 56 }) {
  const kind = useParley((state) => state.rooms[name]?.kind);
  const people = useParley((state) => state.rooms[name]?.people);
  const [one] = people ?? [];
  const here = useParley((state) => one !== undefined && isHere(state, one.name));
  const title = useTitle(name);
  const where = useWhereabouts(one?.id ?? '');
  if (kind === 'direct' && one && people?.length === 1) {
    return (
      <Avatar
        id={one.id}
        name={title}
        size={size === 16 ? 20 : size}
        online={here || where?.state === 'online' || where?.state === 'away' || where?.state === 'dnd'}
        state={where?.state}
      />
    );
  }
  return <Icon of={kind === 'direct' ? Users : kind === 'private' ? Lock : Hash} size={size} />;
}
