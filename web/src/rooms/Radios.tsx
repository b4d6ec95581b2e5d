import { useId } from 'react';
import styles from './Radios.module.css';

interface RadiosProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; name: string; hint?: string }[];
  onChange: (value: Value) => void;
}

/** A choice of a few, all of them to be seen. */
export function Radios<Value extends string>({ label, value, options, onChange }: RadiosProps<Value>) {
  const group = useId();
  return (
    <fieldset className={styles.radios}>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.option}>
          <input
            type="radio"
            name={group}
            value={option.value}
            checked={option.value === value}
            aria-describedby={option.hint && `${group}-${option.value}`}
            onChange={() => onChange(option.value)}
          />
          <span>{option.name}</span>
          {option.hint && (
            <span className={styles.hint} id={`${group}-${option.value}`} aria-hidden="true">
              {option.hint}
            </span>
          )}
        </label>
      ))}
    </fieldset>
  );
}
