import type { Person } from '@parley-chat/client';
import type { RestMember } from '@parley-chat/client/rest';
import { Crown, Ellipsis, MessageCircle, ShieldCheck, User, UserMinus } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useApi } from '../app/api';
import { useClient, useParley } from '../app/client';
import { textOf } from '../app/session';
import { rankOf } from '../chat/rooms';
import { useBlocking } from '../people/useBlocking';
import { rooms } from '../text/rooms';
import { IconButton, Menu } from '../ui';
import type { MenuEntry } from '../ui/Menu';
import styles from './DetailsPanel.module.css';
import { openDirect } from './direct';

const texts = rooms.members;
const RemoveDialog = lazy(() => import('./RemoveDialog').then((m) => ({ default: m.RemoveDialog })));

type Given = 'owner' | 'moderator' | 'member';

interface MemberActsProps {
  room: string;
  person: Person;
  member: RestMember | undefined;
  onDone: () => void;
}

/** What can be done with somebody in a room: write to them, give them a role, remove them. */
export function MemberActs({ room: name, person, member, onDone }: MemberActsProps) {
  const client = useClient();
  const api = useApi();
  const me = useParley((state) => state.me);
  const room = useParley((state) => state.rooms[name]);
  const [removing, setRemoving] = useState(false);
  const [error, setError] = useState('');
  const button = useRef<HTMLButtonElement | null>(null);
  const display = person.display || person.name;
  const open = room !== undefined && room.kind !== 'direct' && !room.archived;
  const mine = rankOf(me, room?.role ?? '');
  const theirs = rankOf({ role: person.role, kind: person.kind ?? 'member' }, member?.role ?? '');
  const blocking = useBlocking(person);
  const entries: MenuEntry[] = [];
  const run = (act: () => Promise<unknown>) => {
    setError('');
    act().then(onDone, (cause: unknown) => setError(texts.failed(textOf(cause))));
  };
  if (me?.kind !== 'guest' && person.kind !== 'guest') {
    entries.push({
      kind: 'do',
      label: rooms.message(display),
      icon: MessageCircle,
      onSelect: () => run(() => openDirect(client, [person.id])),
    });
  }
  if (open && member && person.kind !== 'guest' && (me?.role === 'owner' || room.role === 'owner')) {
    entries.push({
      kind: 'choose',
      label: texts.role,
      value: member.role ?? 'member',
      options: [
        { value: 'owner', label: texts.roles.owner, icon: Crown },
        { value: 'moderator', label: texts.roles.moderator, icon: ShieldCheck },
        { value: 'member', label: texts.roles.member, icon: User },
      ],
      onChange: (role) => run(() => api.setRoomRole(name, person.id, role as Given)),
    });
  }
  if (open && mine > 0 && mine > theirs && (member || room.kind === 'public')) {
    entries.push({ kind: 'do', label: texts.remove, icon: UserMinus, onSelect: () => setRemoving(true) });
  }
  entries.push(...blocking.entries);
  if (entries.length === 0) {
    return null;
  }
  return (
    <>
      <Menu
        label={texts.actions(display)}
        entries={entries}
        button={({ ref, ...attributes }) => (
          <IconButton
            ref={(element) => {
              ref.current = element;
              button.current = element;
            }}
            icon={Ellipsis}
            size="s"
            label={texts.actions(display)}
            {...attributes}
          />
        )}
      />
      {(error || blocking.error) && (
        <p className={styles.muted} role="alert">
          {error || blocking.error}
        </p>
      )}
      {blocking.dialog}
      <Suspense fallback={null}>
        {removing && (
          <RemoveDialog
            room={name}
            user={{ id: person.id, name: display }}
            onClose={() => {
              setRemoving(false);
              onDone();
              button.current?.focus();
            }}
          />
        )}
      </Suspense>
    </>
  );
}
