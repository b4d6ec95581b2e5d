import type { Edit } from '@parley-chat/client/rest';
import { useEffect, useState } from 'react';
import { useApi } from '../../app/api';
import { textOf } from '../../entry/problem';
import { changes } from '../../text/changes';
import { common } from '../../text/common';
import DialogWindow from '../../ui/DialogWindow';
import { fullTime } from '../days';
import styles from './Edits.module.css';

interface EditsProps {
  room: string;
  id: string;
  onClose: () => void;
  finalFocus: () => HTMLElement | null;
}

/** What a message said before, for its author and for moderators. */
export function Edits({ room, id, onClose, finalFocus }: EditsProps) {
  const api = useApi();
  const [got, setGot] = useState<readonly Edit[] | string | null>(null);
  useEffect(() => {
    let here = true;
    api.edits(room, id).then(
      (edits) => here && setGot(edits),
      (err: unknown) => here && setGot(textOf(err)),
    );
    return () => {
      here = false;
    };
  }, [api, room, id]);
  return (
    <DialogWindow open onClose={() => onClose()} finalFocus={finalFocus} title={changes.versions} size="m">
      {got === null && <p role="status">{common.loading}</p>}
      {typeof got === 'string' && <p role="alert">{got}</p>}
      {Array.isArray(got) && got.length === 0 && <p>{changes.noVersions}</p>}
      {Array.isArray(got) && (
        <ol className={styles.list}>
          {got.map(({ content, at }: Edit) => (
            <li key={at}>
              <time dateTime={at}>{changes.version(fullTime(Date.parse(at)))}</time>
              <p dir="auto">{content}</p>
            </li>
          ))}
        </ol>
      )}
    </DialogWindow>
  );
}
