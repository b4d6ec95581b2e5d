import { type ReactNode, useRef, useState } from 'react';
import { FormError } from '../entry/FormParts';
import { textOf } from '../entry/problem';
import { common } from '../text/common';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';

/** A question before something that is not easily undone. */
export interface ConfirmProps {
  title: string;
  children: ReactNode;
  /** Fields that belong to it. */
  more?: ReactNode;
  /** What the button says that does it. */
  action: string;
  /** Does it. What it throws is shown, and the question stays. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

/** Asks, does it once, and closes. The focus begins on the button that changes nothing. */
export function Confirm({ title, children, more, action, onConfirm, onClose }: ConfirmProps) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const cancel = useRef<HTMLButtonElement>(null);

  const go = async () => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError('');
    try {
      await onConfirm();
      onClose();
    } catch (refused) {
      setError(textOf(refused));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={children}
      initialFocus={cancel}
      actions={
        <>
          <Button ref={cancel} onClick={onClose}>
            {common.cancel}
          </Button>
          <Button variant="danger" busy={busy} onClick={() => void go()}>
            {action}
          </Button>
        </>
      }
    >
      {more}
      <FormError text={error} />
    </Dialog>
  );
}
