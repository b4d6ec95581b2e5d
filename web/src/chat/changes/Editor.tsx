import type { MessageEntry } from '@parley-chat/client';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useApi } from '../../app/api';
import { textOf } from '../../entry/problem';
import { changes } from '../../text/changes';
import { common } from '../../text/common';
import { composer as composerWords } from '../../text/composer';
import { Button } from '../../ui';
import { composes, contentLength, maxContent, sendable, sends } from '../composer/composing';
import { editing } from './doing';
import styles from './Editor.module.css';

/** Where a message of mine is written anew, in its place: Enter saves, Esc gives it up. */
export default function Editor({ room, entry }: { room: string; entry: MessageEntry }) {
  const api = useApi();
  const text = editing.use((now) => now?.text ?? '');
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const note = useId();
  const content = sendable(text);
  const length = contentLength(content);
  const over = length > maxContent ? composerWords.tooLong(length, maxContent) : null;
  const problem = entry.deleted ? changes.gone : (over ?? refused);
  const ready = content !== '' && over === null && !entry.deleted && !busy;

  useEffect(() => {
    const field = box.current;
    field?.focus({ preventScroll: true });
    field?.setSelectionRange(field.value.length, field.value.length);
    field?.scrollIntoView({ block: 'nearest' });
  }, []);

  const close = () => {
    if (box.current === null || editing.get()?.id !== entry.id) {
      return; // meanwhile something else is being done
    }
    const row = box.current?.closest<HTMLElement>('[data-row]');
    const around = box.current?.closest('[data-panel]') ?? document; // a reply is answered in its thread
    editing.set(null);
    (around.querySelector<HTMLElement>('[data-composer]') ?? row)?.focus({ preventScroll: true });
  };
  const save = async () => {
    if (!ready) {
      return;
    }
    if (content === entry.content) {
      close();
      return;
    }
    setBusy(true);
    setRefused(null);
    try {
      await api.edit(room, entry.id ?? '', content);
      close();
    } catch (err) {
      setRefused((err as { code?: unknown }).code === 'conflict' ? changes.gone : changes.refused(textOf(err)));
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (composes(event.nativeEvent)) {
      return;
    }
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (sends(event.nativeEvent)) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={box}
        dir="auto"
        rows={1}
        value={text}
        aria-label={changes.editing}
        aria-invalid={problem !== null || undefined}
        aria-describedby={problem === null ? undefined : note}
        onChange={(event) => {
          const now = editing.get();
          if (now) {
            editing.set({ ...now, text: event.target.value });
          }
        }}
        onKeyDown={onKeyDown}
        enterKeyHint="done"
      />
      {problem && (
        <p className={styles.problem} id={note} role="alert">
          {problem}
        </p>
      )}
      <div className={styles.bar}>
        <Button size="s" onClick={close}>
          {common.cancel}
        </Button>
        <Button size="s" variant="main" type="submit" busy={busy} disabled={!ready}>
          {common.save}
        </Button>
      </div>
    </form>
  );
}
