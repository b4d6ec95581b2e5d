import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../app/api';
import { common } from '../text/common';
import { entry as texts } from '../text/entry';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { FormError } from './FormParts';
import { textOf } from './problem';
import { type NewInvitation, newInvitation, ShareLink } from './ShareLink';

const week = 7 * 24 * 3600;

/** Props of the dialog that makes an invitation for a week and shows it. */
export interface InviteDialogProps {
  onClose: () => void;
  /** What the button that closes it says. */
  leave?: string;
  /** Something to say above the link, '' for nothing. */
  warning?: string;
}

/** Makes an invitation when it is shown, once, and shows its link. Only owners and moderators may. */
export function InviteDialog({ onClose, leave = texts.invite.done, warning = '' }: InviteDialogProps) {
  const api = useApi();
  const [invitation, setInvitation] = useState<NewInvitation | null>(null);
  const [error, setError] = useState('');
  const asked = useRef(false);
  const leaveButton = useRef<HTMLButtonElement>(null);

  const make = useCallback(async () => {
    setError('');
    try {
      const made = await api.createInvite({ expires_in: week });
      setInvitation(newInvitation(made));
    } catch (refused) {
      setError(textOf(refused));
    }
  }, [api]);

  // Once, also where React runs effects twice: each run would leave a living invitation behind.
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void make();
  }, [make]);

  return (
    <Dialog
      open
      onClose={onClose}
      size="m"
      title={texts.invite.title}
      description={texts.invite.description}
      initialFocus={leaveButton}
      actions={
        <Button ref={leaveButton} variant="main" onClick={onClose}>
          {leave}
        </Button>
      }
    >
      <FormError text={warning} />
      {error !== '' && (
        <>
          <FormError text={texts.invite.failed(error)} />
          <Button onClick={() => void make()}>{common.tryAgain}</Button>
        </>
      )}
      {invitation !== null && <ShareLink invitation={invitation} />}
    </Dialog>
  );
}
