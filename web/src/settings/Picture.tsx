import type { Me } from '@parley-chat/client';
import { type ChangeEvent, type ReactNode, useRef, useState } from 'react';
import { useApi } from '../app/api';
import { useParley } from '../app/client';
import { Done, FormError } from '../entry/FormParts';
import { textOf } from '../entry/problem';
import { settings } from '../text/settings';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { CropDialog } from './CropDialog';
import { openPicture, pictureTypes } from './openPicture';
import styles from './Picture.module.css';

const texts = settings.picture;

/** One's own picture: choosing another, cut to a square, and taking it away. What it holds stands beside it. */
export function Picture({ me, children }: { me: Me; children: ReactNode }) {
  const api = useApi();
  const has = useParley((state) => state.me?.avatar != null);
  const file = useRef<HTMLInputElement>(null);
  const choose = useRef<HTMLButtonElement>(null);
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const [said, setSaid] = useState({ done: '', error: '' });
  const [busy, setBusy] = useState(false);

  const chosen = async (event: ChangeEvent<HTMLInputElement>) => {
    const [first] = event.target.files ?? [];
    event.target.value = ''; // the same file can be chosen again
    if (first === undefined) return;
    setSaid({ done: '', error: '' });
    const opened = await openPicture(first);
    if (typeof opened === 'string') setSaid({ done: '', error: opened });
    else setPicture(opened);
  };
  const remove = async () => {
    setBusy(true);
    try {
      await api.removeAvatar();
      setSaid({ done: texts.removed, error: '' });
      choose.current?.focus(); // the button that had the focus is gone
    } catch (refused) {
      setSaid({ done: '', error: textOf(refused) });
    } finally {
      setBusy(false);
    }
  };
  const close = () => {
    picture?.close();
    setPicture(null);
  };

  return (
    <div className={styles.picture}>
      <Avatar id={me.id} name={me.display || me.name} size={96} />
      <div className={styles.acts}>
        {children}
        <div className={styles.buttons}>
          <Button ref={choose} onClick={() => file.current?.click()}>
            {has ? texts.change : texts.upload}
          </Button>
          {has && (
            <Button variant="quiet" busy={busy} onClick={() => void remove()}>
              {texts.remove}
            </Button>
          )}
        </div>
        <input
          ref={file}
          type="file"
          accept={pictureTypes.join()}
          aria-label={texts.file}
          hidden
          onChange={(event) => void chosen(event)}
        />
        <p className={styles.hint}>{texts.hint}</p>
        <FormError text={said.error} />
        <Done text={said.done} />
      </div>
      {picture !== null && (
        <CropDialog
          picture={picture}
          onClose={close}
          finalFocus={() => choose.current}
          onSave={async (square) => {
            await api.setAvatar(square);
            setSaid({ done: texts.saved, error: '' });
          }}
        />
      )}
    </div>
  );
}
