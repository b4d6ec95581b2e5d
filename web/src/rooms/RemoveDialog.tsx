import { useState } from 'react';
import { useApi } from '../app/api';
import { Confirm } from '../settings/Confirm';
import { rooms } from '../text/rooms';
import { Field } from '../ui';
import styles from './DetailsPanel.module.css';

const texts = rooms.members;

interface RemoveDialogProps {
  room: string;
  user: { id: string; name: string };
  onClose: () => void;
}

/** Asks before somebody is taken out of a room, and why, and whether they may come back. */
export function RemoveDialog({ room, user, onClose }: RemoveDialogProps) {
  const api = useApi();
  const [reason, setReason] = useState('');
  const [ban, setBan] = useState(false);
  return (
    <Confirm
      title={texts.removeTitle(user.name, room)}
      action={texts.removeIt}
      onConfirm={() => api.removeMember(room, user.id, { reason: reason.trim(), ban })}
      onClose={onClose}
      extra={
        <>
          <Field
            label={texts.reason}
            hint={texts.reasonHint}
            value={reason}
            maxLength={250}
            autoComplete="off"
            onChange={(event) => setReason(event.target.value)}
          />
          <label className={styles.check}>
            <input type="checkbox" checked={ban} onChange={(event) => setBan(event.target.checked)} />
            <span>{texts.ban}</span>
          </label>
        </>
      }
    >
      {texts.removeText}
    </Confirm>
  );
}
