// The parts that the lists of the settings share.

import { ChevronDown } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { FormError } from '../entry/FormParts';
import type { Loaded } from '../entry/load';
import { textOf } from '../entry/problem';
import { Waiting } from '../entry/Waiting';
import { common } from '../text/common';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import styles from './List.module.css';

/** Shows what was fetched, or that it is awaited, or why it could not be had with a button to try again. */
export function Fetched<T>({ from, children }: { from: Loaded<T>; children: (data: T) => ReactNode }) {
  if (from.data !== null) {
    return (
      <>
        {from.error !== null && <FormError text={textOf(from.error)} />}
        {children(from.data)}
      </>
    );
  }
  if (from.error === null) return <Waiting />;
  return (
    <div className={styles.failed}>
      <FormError text={textOf(from.error)} />
      <Button onClick={from.again}>{common.tryAgain}</Button>
    </div>
  );
}

/** A list of rows. */
export function List({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={styles.list} aria-label={label}>
      {children}
    </ul>
  );
}

/** A row: what it is, what is known of it, and what can be done. */
export interface RowProps {
  /** Stands before the name, such as an avatar. */
  start?: ReactNode;
  name: ReactNode;
  /** A word in a frame beside the name. */
  chip?: string;
  detail?: ReactNode;
  end?: ReactNode;
  /** What went wrong with it. */
  error?: string;
}

export function Row({ start, name, chip, detail, end, error = '' }: RowProps) {
  return (
    <li className={styles.row}>
      {start}
      <div className={styles.what}>
        <div className={styles.name}>
          <b>{name}</b>
          {chip !== undefined && <span className={styles.chip}>{chip}</span>}
        </div>
        {detail !== undefined && <div className={styles.detail}>{detail}</div>}
        <FormError text={error} />
      </div>
      {end !== undefined && <div className={styles.end}>{end}</div>}
    </li>
  );
}

/** What a list says that has nothing in it, and what to do. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className={styles.empty}>{children}</p>;
}

/** A choice of a few by the browser's own list. */
export interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; name: string }[];
  onChange: (value: Value) => void;
  disabled?: boolean;
  /** Whether the label is on the screen, or for screen readers alone. */
  shown?: boolean;
}

export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, value, options, onChange, disabled, shown = false } = props;
  const id = useId();
  const select = (
    <span className={styles.select}>
      <select
        id={id}
        className={classes(styles.choice, shown && styles.tall)}
        aria-label={shown ? undefined : label}
        value={value}
        disabled={disabled}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.name}
          </option>
        ))}
      </select>
      <Icon of={ChevronDown} size={16} />
    </span>
  );
  if (!shown) return select;
  return (
    <div className={styles.labelled}>
      <label htmlFor={id}>{label}</label>
      {select}
    </div>
  );
}
