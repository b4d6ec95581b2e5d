import type { Person, Role } from '@parley-chat/client';
import type { Whereabouts } from '@parley-chat/client/people';
import type { RestMember } from '@parley-chat/client/rest';
import { Search, UserPlus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useParley } from '../app/client';
import { textOf } from '../app/session';
import { FormError } from '../entry/FormParts';
import { ago, minuteOf } from '../entry/when';
import { useStatus, useWhereabouts } from '../people/live';
import { MemberActs } from '../rooms/MemberActs';
import { useMembers } from '../rooms/useMembers';
import { around } from '../text/around';
import { people } from '../text/people';
import { presence } from '../text/presence';
import { rooms } from '../text/rooms';
import { Avatar, Button, Icon } from '../ui';
import type { PanelProps } from './Panels';
import styles from './PeoplePanel.module.css';
import { fits, useDirectory } from './people';
import { useTitle } from './rooms';
import { SidePanel } from './SidePanel';

const AddPeopleDialog = lazy(() => import('../rooms/AddPeopleDialog').then((m) => ({ default: m.AddPeopleDialog })));

/** From so many people on one may look for a name. */
const many = 12;

/** Who is in the room now, and who else is a member, or in a public room could be. */
export function PeoplePanel({ room, inert, onClose }: PanelProps) {
  const title = useTitle(room);
  const online = useParley((state) => state.rooms[room]?.online ?? 0);
  const members = useMembers(room);
  const [query, setQuery] = useState('');
  const { here, away, listed } = usePeople(room, members.data ?? [], query);
  const looking = query.trim() !== '';
  const unlisted = online > listed && !looking;
  const member = (id: string | undefined) => members.data?.find((each) => each.id === id);
  const line = (name: string, person: Person | undefined, isHere: boolean) => (
    <PersonLine
      key={person?.id ?? name}
      room={room}
      name={name}
      person={person}
      member={member(person?.id)}
      here={isHere}
      onDone={members.again}
    />
  );
  return (
    <SidePanel label={around.peopleIn(title)} title={around.people} more={online} inert={inert} onClose={onClose}>
      <Bring room={room} members={members.data} />
      {here.length + away.length + (looking ? many : 0) >= many && (
        <label className={styles.find}>
          <Icon of={Search} size={16} />
          <input
            type="search"
            aria-label={around.find}
            placeholder={around.find}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
      )}
      <FormError text={members.error === null ? '' : rooms.members.notLoaded(textOf(members.error))} />
      {(here.length > 0 || unlisted) && (
        <h3>
          {around.here} <span>{looking ? here.length : online}</span>
        </h3>
      )}
      <ul>{here.map(({ name, person }) => line(name, person, true))}</ul>
      {unlisted && (
        <p className={styles.note}>
          {around.notListed(online, listed)} {around.listsAreShort}
        </p>
      )}
      {away.length > 0 && (
        <>
          <h3>
            {around.notHere} <span>{away.length}</span>
          </h3>
          <ul>{away.map(({ name, person }) => line(name, person, false))}</ul>
        </>
      )}
      {here.length + away.length === 0 && looking && <p className={styles.note}>{around.findNone(query.trim())}</p>}
    </SidePanel>
  );
}

interface Listed {
  name: string;
  person: Person | undefined;
}

/** Those who are in a room now and those who are not, by name, that fit to what is looked for. */
function usePeople(room: string, members: readonly RestMember[], query: string) {
  const users = useParley((state) => state.rooms[room]?.users);
  const online = useParley((state) => state.rooms[room]?.online ?? 0);
  const shared = useParley((state) => state.rooms[room]?.kind === 'public');
  const people = useParley((state) => state.people);
  const { byName } = useDirectory();
  const all = users ?? [];
  const isMember = new Set(members.map(({ id }) => id));
  const here: Listed[] = all
    .map((name) => ({ name, person: byName.get(name) }))
    .filter(({ name, person }) => fits(query, name, person?.display));
  const away: Listed[] = Object.values(people)
    .filter(
      (person) =>
        person.kind !== null &&
        person.kind !== 'guest' &&
        !person.disabled &&
        !all.includes(person.name) &&
        (shared || isMember.has(person.id)) &&
        fits(query, person.name, person.display),
    )
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((person) => ({ name: person.name, person }));
  return { here, away: online <= all.length ? away : [], listed: all.length };
}

/** Brings people in: for every member, but of direct rooms and of archived ones. */
function Bring({ room, members }: { room: string; members: readonly RestMember[] | null }) {
  const may = useParley(
    (state) =>
      state.me?.kind !== 'guest' && state.rooms[room]?.kind !== 'direct' && state.rooms[room]?.archived === false,
  );
  const [open, setOpen] = useState(false);
  if (!may || members === null) {
    return null;
  }
  return (
    <div className={styles.bring}>
      <Button icon={UserPlus} size="s" onClick={() => setOpen(true)}>
        {rooms.members.bring}
      </Button>
      <Suspense fallback={null}>
        {open && <AddPeopleDialog room={room} members={members.map(({ id }) => id)} onClose={() => setOpen(false)} />}
      </Suspense>
    </div>
  );
}

/** Where somebody is: in the room, elsewhere in the workspace, or not here, since when if they say so. */
function whereOf(here: boolean, where: Whereabouts | undefined): string {
  switch (where?.state) {
    case 'away':
    case 'dnd':
      return presence.states[where.state];
    case 'online':
      return here ? around.here : presence.states.online;
    default:
      return !here && where?.lastSeen
        ? presence.lastSeen(ago(where.lastSeen, Date.now()))
        : here
          ? around.here
          : around.notHere;
  }
}

const roles: Partial<Record<Role, string>> = around.roles;

interface PersonLineProps {
  room: string;
  name: string;
  person: Person | undefined;
  /** What they are in the room; undefined: no member, as far as is known. */
  member: RestMember | undefined;
  here: boolean;
  /** Called when something was done with them. */
  onDone: () => void;
}

function PersonLine({ room, name, person, member, here, onDone }: PersonLineProps) {
  const me = useParley((state) => state.me?.name === name);
  const display = person?.display || name;
  const where = useWhereabouts(person?.id ?? '');
  const status = useStatus(person?.id ?? '');
  const { bot, guest } = around.roles;
  const inRoom =
    member?.role && member.role !== 'member' && member.role !== 'guest' && rooms.members.roles[member.role];
  const chip = person?.kind === 'bot' ? bot : person?.kind === 'guest' ? guest : person?.role && roles[person.role];
  return (
    <li className={styles.person}>
      <Avatar
        id={person?.id ?? name}
        name={display}
        size={32}
        online={here || (where !== undefined && where.state !== 'offline')}
        state={where?.state}
        bot={person?.kind === 'bot'}
      />
      <span className={styles.who}>
        <b>
          {display}
          {me && <span> {around.you}</span>}
        </b>
        <span>
          {display === name ? '' : `${name} · `}
          {whereOf(here, where)}
        </span>
        {status && (
          <span title={status.until === null ? undefined : people.until(minuteOf(status.until))}>
            {`${status.emoji} ${status.text}`.trim()}
          </span>
        )}
      </span>
      {(inRoom || chip) && <span className={styles.chip}>{inRoom || chip}</span>}
      {person && !me && <MemberActs room={room} person={person} member={member} onDone={onDone} />}
    </li>
  );
}
