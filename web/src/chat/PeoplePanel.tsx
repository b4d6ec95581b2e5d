import type { Person, Role } from '@parley-chat/client';
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useParley } from '../app/client';
import { Avatar, IconButton } from '../ui';
import styles from './PeoplePanel.module.css';
import { useDirectory } from './people';

/** Who is in the room now, and who else has an account. Esc closes it; the focus goes back to its button. */
export function PeoplePanel({ room, inert, onClose }: { room: string; inert: boolean; onClose: () => void }) {
  const users = useParley((state) => state.rooms[room]?.users);
  const online = useParley((state) => state.rooms[room]?.online ?? 0);
  const people = useParley((state) => state.people);
  const me = useParley((state) => state.me?.name);
  const { byName } = useDirectory();
  const panel = useRef<HTMLElement>(null);
  const here = users ?? [];
  const away = Object.values(people)
    .filter(
      (person) => person.kind !== null && person.kind !== 'guest' && !person.disabled && !here.includes(person.name),
    )
    .sort((a, b) => a.name.localeCompare(b.name));

  useEffect(() => {
    panel.current?.focus();
    return () => document.querySelector<HTMLElement>('[data-opens="people"]')?.focus();
  }, []);

  return (
    <aside
      ref={panel}
      className={styles.panel}
      aria-label={`People in ${room}`}
      tabIndex={-1}
      inert={inert}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <header className={styles.top}>
        <h2>People</h2>
        <span>{online}</span>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      <div className={styles.scroll}>
        <h3>
          Here now <span>{online}</span>
        </h3>
        <ul>
          {here.map((name) => (
            <PersonLine key={name} name={name} person={byName.get(name)} here me={name === me} />
          ))}
        </ul>
        {online > here.length && (
          <p className={styles.note}>
            {here.length === 0 ? `${online} people are here. ` : `And ${online - here.length} more. `}
            Rooms of more than 100 do not list everyone.
          </p>
        )}
        {away.length > 0 && online <= here.length && (
          <>
            <h3>
              Not here <span>{away.length}</span>
            </h3>
            <ul>
              {away.map((person) => (
                <PersonLine key={person.id} name={person.name} person={person} here={false} me={person.name === me} />
              ))}
            </ul>
          </>
        )}
      </div>
    </aside>
  );
}

const roles: Partial<Record<Role, string>> = { owner: 'Owner', moderator: 'Moderator', guest: 'Guest' };

function PersonLine({ name, person, here, me }: { name: string; person?: Person; here: boolean; me: boolean }) {
  const display = person?.display || name;
  const chip = person?.kind === 'bot' ? 'Bot' : person?.kind === 'guest' ? 'Guest' : person?.role && roles[person.role];
  return (
    <li className={styles.person}>
      <Avatar id={person?.id ?? name} name={display} size={32} online={here} bot={person?.kind === 'bot'} />
      <span className={styles.who}>
        <b>
          {display}
          {me && <span> (you)</span>}
        </b>
        <span>
          {display === name ? '' : `${name} · `}
          {here ? 'Here now' : 'Not here'}
        </span>
      </span>
      {chip && <span className={styles.chip}>{chip}</span>}
    </li>
  );
}
