import { CircleAlert, Eye, EyeOff } from 'lucide-react';
import type { InputHTMLAttributes, ReactNode, Ref } from 'react';
import { useId, useState } from 'react';
import { ui as texts } from '../text/ui';
import { IconButton } from './Button';
import { classes } from './classes';
import styles from './Field.module.css';
import { Icon } from './Icon';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** Said under the field while there is no error. */
  hint?: ReactNode;
  /** What is wrong with it and what to do; read out at once. */
  error?: ReactNode;
  /** Stands at the end of the label's line, such as a link. */
  aside?: ReactNode;
  /** Stands inside the frame at the end, such as a copy button. */
  end?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** A labelled line of text. A password gets a button that shows it. */
export function Field({ label, hint, error, aside, end, type = 'text', className, id, ...rest }: FieldProps) {
  const own = useId();
  const field = id ?? own;
  const note = `${field}-note`;
  const [shown, setShown] = useState(false);
  const secret = type === 'password';
  return (
    <div className={classes(styles.field, Boolean(error) && styles.bad, className)}>
      <div className={styles.line}>
        <label htmlFor={field}>{label}</label>
        {aside}
      </div>
      <span className={styles.frame}>
        <input
          id={field}
          type={secret && shown ? 'text' : type}
          aria-invalid={error ? true : undefined}
          aria-describedby={error || hint ? note : undefined}
          className={classes(Boolean(secret || end) && styles.room)}
          {...rest}
        />
        {secret && (
          <IconButton
            className={styles.end}
            icon={shown ? EyeOff : Eye}
            label={shown ? texts.hidePassword : texts.showPassword}
            aria-pressed={shown}
            aria-controls={field}
            onClick={() => setShown(!shown)}
          />
        )}
        {end && <span className={styles.end}>{end}</span>}
      </span>
      {error ? (
        <p className={styles.error} id={note} role="alert">
          <Icon of={CircleAlert} size={16} />
          <span>{error}</span>
        </p>
      ) : (
        hint && (
          <p className={styles.hint} id={note}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}
