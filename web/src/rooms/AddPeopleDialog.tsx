import { type FormEvent, useId, useState } from 'react';
import { useApi } from '../app/api';
import { useParley } from '../app/client';
import { textOf } from '../app/session';
import { FormError } from '../entry/FormParts';
import { common } from '../text/common';
import { rooms } from '../text/rooms';
import { Button, Dialog } from '../ui';
import { Picker } from './Picker';

const texts = rooms.members;

interface AddPeopleProps {
  room: string;
  /** Ids of those who are in it. */
  members: readonly string[];
  onClose: () => void;
}

/** Brings people into a room, one after the other: those who could not be stay chosen. */
export function AddPeopleDialog({ room, members, onClose }: AddPeopleProps) {
  const form = useId();
  const api = useApi();
  const hint = useParley((state) => {
    const { kind, history } = state.rooms[room] ?? {};
    return kind !== 'private' ? texts.bringHint : history === 'joined' ? texts.bringHintJoined : texts.bringHintAll;
  });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    let rest = chosen;
    try {
      for (const id of chosen) {
        await api.addMember(room, id);
        rest = rest.filter((each) => each !== id);
      }
      onClose();
    } catch (cause) {
      setChosen(rest);
      setError(texts.failed(textOf(cause)));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.bringTo(room)}
      description={hint}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button variant="main" type="submit" form={form} busy={busy} disabled={chosen.length === 0}>
            {texts.add}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <Picker
          label={texts.bring}
          chosen={chosen}
          onChange={setChosen}
          without={members}
          most={20}
          none={texts.everyone}
        />
        <FormError text={error} />
      </form>
    </Dialog>
  );
}
