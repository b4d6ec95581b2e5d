import type { RoomSettings } from '@parley-chat/client/rest';
import { Archive, ArchiveRestore, EyeOff, LogOut } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useApi } from '../app/api';
import { useClient, useParley } from '../app/client';
import { navigate } from '../app/router';
import { textOf } from '../app/session';
import { roomName } from '../chat/NewRoomDialog';
import type { PanelProps } from '../chat/Panels';
import { useRank, useTitle } from '../chat/rooms';
import { SidePanel } from '../chat/SidePanel';
import { Done, FormError } from '../entry/FormParts';
import { Confirm } from '../settings/Confirm';
import { Choice } from '../settings/List';
import { common } from '../text/common';
import { rooms } from '../text/rooms';
import { Avatar, Button, Field } from '../ui';
import styles from './DetailsPanel.module.css';

const texts = rooms.details;
/** Ranks from which on one may change settings, and what the room is. */
const [moderates, owns] = [1, 2];
const waits = [0, 5, 10, 30, 60, 300, 900, 3600];

/** What the room is, and what those who may can change of it; how it is left. */
export function DetailsPanel({ room: name, inert, onClose }: PanelProps) {
  const room = useParley((state) => state.rooms[name]);
  const guest = useParley((state) => state.me?.kind === 'guest');
  const title = useTitle(name);
  const rank = useRank(name);
  if (room === undefined) {
    return null;
  }
  const may = (least: number) => !room.archived && rank >= least;
  return (
    <SidePanel
      label={texts.of(title)}
      title={texts.title}
      more={rooms.kinds[room.kind]}
      inert={inert}
      onClose={onClose}
    >
      <div className={styles.parts}>
        {room.kind === 'direct' ? (
          <Talkers name={name} />
        ) : (
          <>
            <Line
              key={`topic ${room.topic}`}
              name={name}
              label={texts.topic}
              value={room.topic}
              none={texts.noTopic}
              field="topic"
              may={!room.archived && !guest && (!room.readOnly || rank >= moderates)}
            />
            <Line
              key={`name ${name}`}
              name={name}
              label={texts.name}
              value={name}
              hint={texts.nameHint}
              field="name"
              may={may(owns)}
            />
            <Settings name={name} may={may(moderates)} mayHistory={may(owns)} />
          </>
        )}
        <Ending name={name} title={title} mayArchive={room.kind !== 'direct' && rank >= owns} />
      </div>
    </SidePanel>
  );
}

/** useChange changes the room, and says how that went. */
function useChange(name: string) {
  const api = useApi();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState({ error: '', done: '' });
  const change = async (settings: RoomSettings) => {
    setBusy(true);
    setSaid({ error: '', done: '' });
    try {
      await api.updateRoom(name, settings);
      setSaid({ error: '', done: texts.saved });
    } catch (cause) {
      setSaid({ error: texts.notSaved(textOf(cause)), done: '' });
    } finally {
      setBusy(false);
    }
  };
  return { change, busy, ...said };
}

interface LineProps {
  name: string;
  label: string;
  value: string;
  none?: string;
  hint?: string;
  field: 'topic' | 'name';
  may: boolean;
}

/** A line of text that can be changed by those who may. */
function Line({ name, label, value, none = '', hint, field, may }: LineProps) {
  const [text, setText] = useState(value);
  const { change, busy, error } = useChange(name);
  const wanted = field === 'name' ? text.replace(/-+$/u, '') : text.trim();
  if (!may) {
    return (
      <div>
        <h3 className={styles.head}>{label}</h3>
        <p className={value === '' ? styles.muted : undefined}>{value || none}</p>
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== value && (field === 'topic' || wanted !== '')) void change({ [field]: wanted });
  };
  return (
    <form className={styles.line} onSubmit={submit} noValidate>
      <Field
        label={label}
        value={text}
        hint={hint}
        error={error}
        onChange={(event) => setText(field === 'name' ? roomName(event.target.value) : event.target.value)}
        maxLength={250}
        autoComplete="off"
        spellCheck={field === 'topic'}
      />
      {wanted !== value && (
        <Button type="submit" size="s" busy={busy}>
          {common.save}
        </Button>
      )}
    </form>
  );
}

function Settings({ name, may, mayHistory }: { name: string; may: boolean; mayHistory: boolean }) {
  const kind = useParley((state) => state.rooms[name]?.kind);
  const readOnly = useParley((state) => state.rooms[name]?.readOnly ?? false);
  const slowMode = useParley((state) => state.rooms[name]?.slowMode ?? 0);
  const history = useParley((state) => state.rooms[name]?.history ?? 'all');
  const { change, error, done } = useChange(name);
  const seconds = waits.includes(slowMode) ? waits : [...waits, slowMode].sort((a, b) => a - b);
  return (
    <section className={styles.settings} aria-label={texts.settings}>
      <h3 className={styles.head}>{texts.settings}</h3>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={readOnly}
          disabled={!may}
          onChange={(event) => void change({ read_only: event.target.checked })}
        />
        <span>
          {texts.readOnly}
          <span className={styles.muted}>{texts.readOnlyHint}</span>
        </span>
      </label>
      <Choice
        shown
        label={texts.slow}
        value={String(slowMode)}
        disabled={!may}
        options={seconds.map((n) => ({ value: String(n), name: n === 0 ? texts.off : texts.every(n) }))}
        onChange={(value) => void change({ slow_mode: Number(value) })}
      />
      <p className={styles.muted}>{texts.slowHint}</p>
      {kind === 'private' && (
        <Choice
          shown
          label={texts.history}
          value={history}
          disabled={!mayHistory}
          options={[
            { value: 'all', name: rooms.create.all },
            { value: 'joined', name: rooms.create.joined },
          ]}
          onChange={(value) => void change({ history: value })}
        />
      )}
      <FormError text={error} />
      <Done text={done} />
    </section>
  );
}

/** Who talks in a direct room. */
function Talkers({ name }: { name: string }) {
  const people = useParley((state) => state.rooms[name]?.people) ?? [];
  const known = useParley((state) => state.people);
  return (
    <div>
      <h3 className={styles.head}>{texts.direct}</h3>
      <ul className={styles.people}>
        {people.map(({ id, name: called }) => {
          const display = known[id]?.display || called;
          return (
            <li key={id}>
              <Avatar id={id} name={display} size={28} bot={known[id]?.kind === 'bot'} />
              <b>{display}</b> {display !== called && <span className={styles.muted}>{called}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** How the room is left, and put into the archive. */
function Ending({ name, title, mayArchive }: { name: string; title: string; mayArchive: boolean }) {
  const api = useApi();
  const client = useClient();
  const kind = useParley((state) => state.rooms[name]?.kind);
  const archived = useParley((state) => state.rooms[name]?.archived ?? false);
  const me = useParley((state) => state.me);
  const [asked, setAsked] = useState<'leave' | 'archive' | null>(null);
  const { error, act } = useAct();
  const leave = async () => {
    await api.removeMember(name, me?.id ?? '');
    navigate('/');
  };
  useEffect(() => {
    if (kind === undefined) setAsked(null);
  }, [kind]);
  return (
    <div className={styles.ending}>
      {mayArchive &&
        (archived ? (
          <Button icon={ArchiveRestore} onClick={() => void act(() => api.setArchived(name, false))}>
            {texts.unarchive}
          </Button>
        ) : (
          <Button icon={Archive} onClick={() => setAsked('archive')}>
            {texts.archive}
          </Button>
        ))}
      {kind === 'direct' ? (
        <Button icon={EyeOff} onClick={() => void act(leave)}>
          {texts.hide}
        </Button>
      ) : (
        <Button icon={LogOut} onClick={() => setAsked('leave')}>
          {texts.leave}
        </Button>
      )}
      <FormError text={error} />
      {asked === 'leave' && (
        <Confirm
          title={texts.leaveTitle(title)}
          action={texts.leaveIt}
          onConfirm={leave}
          onClose={() => setAsked(null)}
        >
          {kind === 'public' ? texts.leavePublic : texts.leavePrivate}
        </Confirm>
      )}
      {asked === 'archive' && (
        <Confirm
          title={texts.archiveTitle(title)}
          action={texts.archive}
          onConfirm={async () => {
            await api.setArchived(name, true);
            await client.refreshRooms();
          }}
          onClose={() => setAsked(null)}
        >
          {texts.archiveText}
        </Confirm>
      )}
    </div>
  );
}

function useAct() {
  const [error, setError] = useState('');
  const act = async (run: () => Promise<unknown>) => {
    setError('');
    try {
      await run();
    } catch (cause) {
      setError(texts.notSaved(textOf(cause)));
    }
  };
  return { error, act };
}
