import { type FormEvent, useId, useRef, useState } from 'react';
import { useClient } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { textOf } from '../app/session';
import { Button, Dialog, Field } from '../ui';
import styles from './NewRoomDialog.module.css';

/** Makes what is typed a room's name while it is typed: small letters, hyphens for spaces. */
export function roomName(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[\s_]+/gu, '-')
    .replace(/[^a-z0-9-]/gu, '')
    .replace(/^-+/u, '')
    .slice(0, 64);
}

/** Makes a room that everyone can read, and goes there. */
export function NewRoomDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const form = useId();
  const client = useClient();
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const made = useRef(false);

  const close = () => {
    setName('');
    setTopic('');
    setError('');
    onClose();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.replace(/-+$/u, '');
    if (wanted === '') {
      setError('Give the room a name.');
      return;
    }
    setBusy(true);
    made.current = false;
    setError('');
    try {
      const { rest } = await import('@parley-chat/client/rest');
      const room = await rest(client).createRoom({ name: wanted, topic: topic.trim() });
      await client.refreshRooms();
      made.current = true;
      close();
      navigate(roomPath(room.name));
    } catch (cause) {
      setError(`The room was not made: ${textOf(cause)}.`);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={open}
      onClose={close}
      title="New room"
      description="Everyone here can find the room and read it."
      finalFocus={() => (made.current ? document.querySelector<HTMLElement>('[data-composer]') : null)}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button variant="main" type="submit" form={form} busy={busy}>
            Make the room
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        <Field
          label="Name"
          value={name}
          onChange={(event) => setName(roomName(event.target.value))}
          placeholder="field-notes"
          hint="Small letters, digits and hyphens."
          error={error}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field
          label="Topic"
          value={topic}
          onChange={(event) => setTopic(event.target.value)}
          hint="What belongs here. May be left out."
          maxLength={250}
          autoComplete="off"
        />
      </form>
    </Dialog>
  );
}
