import type { Person } from '@parley-chat/client';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useParley } from '../app/client';
import { fits } from '../chat/people';
import { isHere } from '../chat/rooms';
import { rooms as texts } from '../text/rooms';
import { Avatar, classes, Icon } from '../ui';
import hidden from '../ui/text.module.css';
import styles from './Picker.module.css';

interface PickerProps {
  label: string;
  hint?: string;
  chosen: readonly string[];
  onChange: (ids: readonly string[]) => void;
  /** Ids of people who are not offered. */
  without?: readonly string[];
  /** No more can be chosen. */
  most: number;
  /** Said when there is nobody to choose. */
  none?: string;
}

const empty: readonly string[] = [];

/** People with an account who can be chosen, but for oneself, as they are ordered everywhere. */
export function useChoosable(without: readonly string[]): Person[] {
  const people = useParley((state) => state.people);
  const me = useParley((state) => state.me?.id);
  return Object.values(people)
    .filter(
      ({ id, kind, disabled }) => id !== me && kind !== null && kind !== 'guest' && !disabled && !without.includes(id),
    )
    .sort((a, b) => (a.display || a.name).localeCompare(b.display || b.name));
}

/** A list of people with a field that makes it shorter; one or several of them can be chosen. */
export function Picker({
  label,
  hint,
  chosen,
  onChange,
  without = empty,
  most,
  none = texts.pick.nobody,
}: PickerProps) {
  const all = useChoosable(without);
  const [query, setQuery] = useState('');
  const shown = all.filter((person) => fits(query, person.name, person.display));
  const full = chosen.length >= most;
  return (
    <fieldset className={styles.picker}>
      <legend>{label}</legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      {all.length === 0 ? (
        <p className={styles.none}>{none}</p>
      ) : (
        <>
          <label className={styles.find}>
            <Icon of={Search} size={16} />
            <input
              type="search"
              aria-label={texts.pick.find}
              placeholder={texts.pick.find}
              value={query}
              onChange={(event) => setQuery(event.target.value)}
              onKeyDown={(event) => {
                // What is looked for is not the form: Enter chooses the first instead of sending it.
                if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
                  event.preventDefault();
                  const [first] = shown;
                  if (first && query.trim() !== '' && !full && !chosen.includes(first.id)) {
                    onChange([...chosen, first.id]);
                    setQuery('');
                  }
                }
              }}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          </label>
          <ul className={styles.list}>
            {shown.map((person) => (
              <li key={person.id}>
                <Choice
                  person={person}
                  chosen={chosen.includes(person.id)}
                  full={full}
                  onChange={(on) => onChange(on ? [...chosen, person.id] : chosen.filter((id) => id !== person.id))}
                />
              </li>
            ))}
          </ul>
          {shown.length === 0 && <p className={styles.none}>{texts.pick.none(query.trim())}</p>}
          <p className={chosen.length > 0 ? styles.hint : hidden.hidden} role="status">
            {chosen.length > 0 && texts.pick.chosen(chosen.length, most)}
          </p>
        </>
      )}
    </fieldset>
  );
}

interface ChoiceProps {
  person: Person;
  chosen: boolean;
  full: boolean;
  onChange: (on: boolean) => void;
}

function Choice({ person, chosen, full, onChange }: ChoiceProps) {
  const here = useParley((state) => isHere(state, person.name));
  const display = person.display || person.name;
  return (
    <label className={classes(styles.person, full && !chosen && styles.off)}>
      <input
        type="checkbox"
        checked={chosen}
        disabled={full && !chosen}
        onChange={(event) => onChange(event.target.checked)}
      />
      <Avatar id={person.id} name={display} size={28} online={here} bot={person.kind === 'bot'} />
      <span className={styles.who}>
        <b>{display}</b> {display !== person.name && <span>{person.name}</span>}
        {here && <span className={hidden.hidden}> {texts.online}</span>}
      </span>
    </label>
  );
}
