import type { Person, Role } from '@parley-chat/client';
import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useParley } from '../app/client';
import { around } from '../text/around';
import { common } from '../text/common';
import { Avatar, Icon, IconButton } from '../ui';
import type { PanelProps } from './Panels';
import styles from './PeoplePanel.module.css';
import { fits, useDirectory } from './people';

/** From so many people on one may look for a name. */
const many = 12;

/** Who is in the room now, and who else has an account. Esc within closes it. */
export function PeoplePanel({ room, inert, onClose }: PanelProps) {
  const users = useParley((state) => state.rooms[room]?.users);
  const online = useParley((state) => state.rooms[room]?.online ?? 0);
  const people = useParley((state) => state.people);
  const me = useParley((state) => state.me?.name);
  const { byName } = useDirectory();
  const [query, setQuery] = useState('');
  const panel = useRef<HTMLElement>(null);
  const all = users ?? [];
  const others = Object.values(people)
    .filter(
      (person) => person.kind !== null && person.kind !== 'guest' && !person.disabled && !all.includes(person.name),
    )
    .sort((a, b) => a.name.localeCompare(b.name));
  const here = all.filter((name) => fits(query, name, byName.get(name)?.display));
  const away = online <= all.length ? others.filter((person) => fits(query, person.name, person.display)) : [];
  const unlisted = online > all.length && query.trim() === '';

  useEffect(() => {
    panel.current?.focus();
  }, []);

  return (
    <aside
      ref={panel}
      data-panel
      className={styles.panel}
      aria-label={around.peopleIn(room)}
      tabIndex={-1}
      inert={inert}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.shiftKey && !event.defaultPrevented) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <header className={styles.top}>
        <h2>{around.people}</h2>
        <span>{online}</span>
        <IconButton icon={X} label={common.close} onClick={onClose} />
      </header>
      <div className={styles.scroll}>
        {all.length + others.length >= many && (
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
        {(here.length > 0 || unlisted) && (
          <h3>
            {around.here} <span>{query.trim() === '' ? online : here.length}</span>
          </h3>
        )}
        <ul>
          {here.map((name) => (
            <PersonLine key={name} name={name} person={byName.get(name)} here me={name === me} />
          ))}
        </ul>
        {unlisted && (
          <p className={styles.note}>
            {around.notListed(online, all.length)} {around.listsAreShort}
          </p>
        )}
        {away.length > 0 && (
          <>
            <h3>
              {around.notHere} <span>{away.length}</span>
            </h3>
            <ul>
              {away.map((person) => (
                <PersonLine key={person.id} name={person.name} person={person} here={false} me={person.name === me} />
              ))}
            </ul>
          </>
        )}
        {here.length + away.length === 0 && query.trim() !== '' && (
          <p className={styles.note}>{around.findNone(query.trim())}</p>
        )}
      </div>
    </aside>
  );
}

const roles: Partial<Record<Role, string>> = around.roles;

function PersonLine({ name, person, here, me }: { name: string; person?: Person; here: boolean; me: boolean }) {
  const display = person?.display || name;
  const { bot, guest } = around.roles;
  const chip = person?.kind === 'bot' ? bot : person?.kind === 'guest' ? guest : person?.role && roles[person.role];
  return (
    <li className={styles.person}>
      <Avatar id={person?.id ?? name} name={display} size={32} online={here} bot={person?.kind === 'bot'} />
      <span className={styles.who}>
        <b>
          {display}
          {me && <span> {around.you}</span>}
        </b>
        <span>
          {display === name ? '' : `${name} · `}
          {here ? around.here : around.notHere}
        </span>
      </span>
      {chip && <span className={styles.chip}>{chip}</span>}
    </li>
  );
}
