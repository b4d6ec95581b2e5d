import { type FormEvent, useId, useRef, useState } from 'react';
import { useClient } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { textOf } from '../app/session';
import { around } from '../text/around';
import { common } from '../text/common';
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
      setError(around.nameMissing);
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
      setError(around.notMade(textOf(cause)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={open}
      onClose={close}
      title={around.newRoom}
      description={around.newRoomHint}
      finalFocus={() => (made.current ? document.querySelector<HTMLElement>('[data-composer]') : null)}
      actions={
        <>
          <Button onClick={close}>{common.cancel}</Button>
          <Button variant="main" type="submit" form={form} busy={busy}>
            {around.make}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={around.name}
          value={name}
          onChange={(event) => setName(roomName(event.target.value))}
          placeholder={around.nameExample}
          hint={around.nameHint}
          error={error}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <Field
          label={around.topic}
          value={topic}
          onChange={(event) => setTopic(event.target.value)}
          hint={around.topicHint}
          maxLength={250}
          autoComplete="off"
        />
      </form>
    </Dialog>
  );
}
