import { type FormEvent, useId, useRef, useState } from 'react';
import { useClient } from '../app/client';
import { textOf } from '../app/session';
import { FormError } from '../entry/FormParts';
import { around } from '../text/around';
import { common } from '../text/common';
import { rooms as texts } from '../text/rooms';
import { Button, Dialog } from '../ui';
import { openDirect } from './direct';
import { Picker } from './Picker';

/** So many people are in a direct room beside oneself. */
const most = 9;

/** Chooses whom to write to, and goes to the conversation with them. */
export function DirectDialog({ onClose }: { onClose: () => void }) {
  const form = useId();
  const client = useClient();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const opened = useRef(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0) return;
    setBusy(true);
    setError('');
    try {
      await openDirect(client, chosen);
      opened.current = true;
      onClose();
    } catch (cause) {
      setError(texts.notOpened(textOf(cause)));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.start.title}
      description={texts.start.hint}
      finalFocus={() => (opened.current ? document.querySelector<HTMLElement>('[data-composer]') : null)}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button variant="main" type="submit" form={form} busy={busy} disabled={chosen.length === 0}>
            {texts.start.go}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <Picker label={around.people} chosen={chosen} onChange={setChosen} most={most} />
        <FormError text={error} />
      </form>
    </Dialog>
  );
}
