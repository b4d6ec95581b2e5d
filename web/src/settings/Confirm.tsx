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
  /** What the button says that does it. */
  action: string;
  /** Does it. What it throws is shown, and the question stays. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
  /** What gets the focus when it closes; left out: what had it before. */
  finalFocus?: () => HTMLElement | null;
  /** Fields that the act wants, beneath the question. */
  extra?: ReactNode;
}

/** Asks, does it once, and closes. The focus begins on the button that changes nothing. */
export function Confirm({ title, children, action, onConfirm, onClose, finalFocus, extra }: ConfirmProps) {
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
      finalFocus={finalFocus}
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
      {extra}
      <FormError text={error} />
    </Dialog>
  );
}
