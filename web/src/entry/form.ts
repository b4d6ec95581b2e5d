// One form: what is typed, what is wrong with it, and sending it once.

import { type ChangeEvent, type FormEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { type Fault, faultOf } from './problem';

/** What a form is made of. V holds the text of each field under the name of its input. */
export interface FormOptions<V extends Record<string, string>> {
  initial: V;
  /** Says what is wrong with a field before anything is sent, '' for nothing. Fields without a check take any text. */
  checks: { [Name in keyof V]?: (text: string) => string };
  /** The fields that a refusal may name, from the most special to the most general. */
  fields: readonly (keyof V & string)[];
  /** Sends it. What it throws is shown; the text stays. */
  send: (values: V) => Promise<void>;
  /** Tells the fault of an error that this form knows better than faultOf. */
  faultFor?: (error: unknown, values: V) => Fault<keyof V & string> | null;
}

/** What a field is given by its form. */
export interface FieldProps {
  name: string;
  value: string;
  error: string;
  onChange: (event: ChangeEvent<HTMLInputElement>) => void;
}

/** A form as its component draws it. */
export interface Form<V extends Record<string, string>> {
  values: V;
  /** Sent and not answered yet. A further submit does nothing meanwhile. */
  busy: boolean;
  /** When the server lets the next try in, in milliseconds since 1970; 0 for now. */
  waitUntil: number;
  /** What is wrong with the whole of it, '' for nothing. */
  error: string;
  /** For the <form>. */
  form: { ref: RefObject<HTMLFormElement | null>; onSubmit: (event: FormEvent) => void; noValidate: true };
  /** For a field. */
  field: (name: keyof V & string) => FieldProps;
  set: (values: Partial<V>) => void;
}

/** Holds a form. An error at a field goes when its text changes, and the first field with one gets the focus. */
export function useForm<V extends Record<string, string>>(options: FormOptions<V>): Form<V> {
  const [values, setValues] = useState(options.initial);
  const [errors, setErrors] = useState<Partial<Record<keyof V | '', string>>>({});
  const [busy, setBusy] = useState(false);
  const [waitUntil, setWaitUntil] = useState(0);
  const sending = useRef(false); // state is a render late: two quick clicks would both see it idle
  const ref = useRef<HTMLFormElement>(null);
  const focusNext = useRef('');

  // A button that is disabled while its work runs loses the focus; without a field to go to, it gets it back.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is wrong may change while nothing is sent
  useEffect(() => {
    if (focusNext.current === '' || busy) return;
    ref.current?.querySelector<HTMLElement>(focusNext.current)?.focus();
    focusNext.current = '';
  }, [busy, errors]);

  useEffect(() => {
    if (waitUntil === 0) return;
    const timer = setTimeout(
      () => {
        setWaitUntil(0);
        setErrors({});
      },
      Math.max(0, waitUntil - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [waitUntil]);

  const refuse = (found: Partial<Record<keyof V | '', string>>) => {
    const wrong = Object.keys(values).find((name) => found[name]);
    focusNext.current = wrong !== undefined ? `[name="${wrong}"]` : found[''] ? '[type="submit"]' : '';
    setErrors(found);
  };

  const send = async () => {
    const found: Partial<Record<keyof V | '', string>> = {};
    for (const name of Object.keys(values)) {
      const wrong = options.checks[name]?.(values[name] ?? '');
      if (wrong) found[name as keyof V] = wrong;
    }
    refuse(found);
    if (Object.keys(found).length > 0) return;
    sending.current = true;
    setBusy(true);
    try {
      await options.send(values);
    } catch (error) {
      const fault = options.faultFor?.(error, values) ?? faultOf(error, options.fields);
      refuse({ [fault.field]: fault.text } as Partial<Record<keyof V | '', string>>);
      if (fault.retryAfter > 0) setWaitUntil(Date.now() + fault.retryAfter);
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };

  return {
    values,
    busy,
    waitUntil,
    error: errors[''] ?? '',
    form: {
      ref,
      noValidate: true,
      onSubmit: (event) => {
        event.preventDefault();
        if (!sending.current && waitUntil === 0) void send();
      },
    },
    field: (name) => ({
      name,
      value: values[name] ?? '',
      error: errors[name] ?? '',
      onChange: (event) => {
        const text = event.target.value;
        setValues((before) => ({ ...before, [name]: text }));
        setErrors((before) => ({ ...before, [name]: '', '': '' }));
      },
    }),
    set: (some) => setValues((before) => ({ ...before, ...some })),
  };
}
