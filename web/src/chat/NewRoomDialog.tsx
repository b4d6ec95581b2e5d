import { type FormEvent, useId, useRef, useState } from 'react';
import { useApi } from '../app/api';
import { useClient } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { textOf } from '../app/session';
import { Picker } from '../rooms/Picker';
import { Radios } from '../rooms/Radios';
import { around } from '../text/around';
import { common } from '../text/common';
import { rooms } from '../text/rooms';
import { Button, Dialog, Field } from '../ui';
import styles from './NewRoomDialog.module.css';

/** So many people the server takes with a new room. */
const most = 50;

/** Makes what is typed a room's name while it is typed: small letters, hyphens for spaces. */
export function roomName(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[\s_]+/gu, '-')
    .replace(/[^a-z0-9-]/gu, '')
    .replace(/^-+/u, '')
    .slice(0, 64);
}

/** Makes a room, for everyone or for its members alone, and goes there. */
export function NewRoomDialog({ onClose }: { onClose: () => void }) {
  const form = useId();
  const client = useClient();
  const api = useApi();
  const texts = rooms.create;
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [kind, setKind] = useState<'public' | 'private'>('public');
  const [history, setHistory] = useState<'all' | 'joined'>('all');
  const [members, setMembers] = useState<readonly string[]>([]);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const made = useRef(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.replace(/-+$/u, '');
    if (wanted === '') {
      setError(around.nameMissing);
      return;
    }
    setBusy(true);
    setError('');
    try {
      const room = await api.createRoom({
        name: wanted,
        topic: topic.trim(),
        kind,
        ...(kind === 'private' && { history }),
        ...(members.length > 0 && { members }),
      });
      await client.refreshRooms();
      made.current = true;
      onClose();
      navigate(roomPath(room.name));
    } catch (cause) {
      setError(around.notMade(textOf(cause)));
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      size="m"
      onClose={onClose}
      title={texts.title}
      finalFocus={() => (made.current ? document.querySelector<HTMLElement>('[data-composer]') : null)}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
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
        <Radios
          label={texts.kind}
          value={kind}
          onChange={setKind}
          options={[
            { value: 'public', name: texts.public, hint: texts.publicHint },
            { value: 'private', name: texts.private, hint: texts.privateHint },
          ]}
        />
        {kind === 'private' && (
          <Radios
            label={texts.history}
            value={history}
            onChange={setHistory}
            options={[
              { value: 'all', name: texts.all },
              { value: 'joined', name: texts.joined },
            ]}
          />
        )}
        <Picker label={texts.invite} hint={texts.inviteHint} chosen={members} onChange={setMembers} most={most} />
      </form>
    </Dialog>
  );
}
