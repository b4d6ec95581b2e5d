import { type FormEvent, useId, useRef, useState } from 'react';
import { useApi } from '../app/api';
import { textOf } from '../app/session';
import { FormError } from '../entry/FormParts';
import { common } from '../text/common';
import { people } from '../text/people';
import { Button, Dialog } from '../ui';
import styles from './People.module.css';

const texts = people.report;

interface ReportDialogProps {
  room: string;
  /** The message's. */
  id: string;
  onClose: () => void;
  /** What gets the focus when it closes; left out: what had it before. */
  finalFocus?: () => HTMLElement | null;
}

/** Shows a message to the moderators, with what is wrong with it. */
export function ReportDialog({ room, id, onClose, finalFocus }: ReportDialogProps) {
  const form = useId();
  const api = useApi();
  const [reason, setReason] = useState('');
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const running = useRef(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (running.current) {
      return;
    }
    running.current = true;
    setBusy(true);
    setError('');
    try {
      await api.report(room, id, reason);
      setDone(true);
    } catch (refused) {
      setError(people.failed(textOf(refused)));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onClose={onClose}
      finalFocus={finalFocus}
      title={texts.title}
      description={done ? undefined : texts.intro}
      actions={
        done ? (
          <Button variant="main" onClick={onClose}>
            {texts.finished}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button variant="main" type="submit" form={form} busy={busy} disabled={reason.trim() === ''}>
              {texts.send}
            </Button>
          </>
        )
      }
    >
      {done ? (
        <p role="status">{texts.done}</p>
      ) : (
        <form id={form} className={styles.form} onSubmit={submit} noValidate>
          <label className={styles.choice}>
            {texts.reason}
            <textarea
              className={styles.area}
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <FormError text={error} />
        </form>
      )}
    </Dialog>
  );
}
