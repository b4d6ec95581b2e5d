// The fields that several forms have. Each takes what useForm gives it.

import { entry as texts } from '../text/entry';
import { Field } from '../ui/Field';
import type { FieldProps } from './form';
import { passwordHint } from './strength';

type Props = FieldProps & { autoFocus?: boolean };

/** The name of a new account or guest. */
export function NameField({ autoFocus, ...field }: Props) {
  return (
    <Field
      {...field}
      label={texts.fields.name}
      placeholder={texts.fields.namePlaceholder}
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      required
      autoFocus={autoFocus}
    />
  );
}

/** An e-mail address, which may be left out. */
export function EmailField({ hint = texts.fields.emailHint, ...field }: Props & { hint?: string }) {
  return (
    <Field
      {...field}
      label={texts.fields.email}
      type="email"
      hint={hint}
      placeholder={texts.fields.emailPlaceholder}
      autoComplete="email"
      inputMode="email"
      autoCapitalize="none"
      spellCheck={false}
    />
  );
}

/** A password that is chosen here, with a word on its strength. What others know of the person makes it no stronger. */
export function NewPasswordField({
  known,
  label = texts.fields.password,
  ...field
}: Props & { known: readonly string[]; label?: string }) {
  return (
    <Field
      {...field}
      label={label}
      type="password"
      hint={passwordHint(field.value, known)}
      autoComplete="new-password"
      autoCapitalize="none"
      spellCheck={false}
      required
    />
  );
}

/** The password of an account that exists. */
export function PasswordField({ label = texts.fields.password, ...field }: Props & { label?: string }) {
  return (
    <Field
      {...field}
      label={label}
      type="password"
      autoComplete="current-password"
      autoCapitalize="none"
      spellCheck={false}
      required
    />
  );
}
