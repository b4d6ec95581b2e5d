import type { MessageEntry } from '@parley-chat/client';
import { Ellipsis, MessageSquareText, Pencil, SmilePlus } from 'lucide-react';
import type { MouseEvent } from 'react';
import { useParley } from '../app/client';
import { changes } from '../text/changes';
import { timeline } from '../text/timeline';
import { IconButton } from '../ui';
import { type Act, acting, edit } from './changes/doing';
import { mayEdit } from './changes/may';
import { openThread } from './panel';
import { useApart } from './sending';
import styles from './Toolbar.module.css';

/** What can be done with a message. It shows with the message that the pointer or the focus is on. */
export function Toolbar({ entry, room }: { entry: MessageEntry; room: string }) {
  const { id, deleted, thread } = entry;
  const editable = useParley((state) => mayEdit(state, room, entry));
  const apart = useApart();
  const open = acting.use((now) => (now?.id === id ? now.kind : null));
  if (id === null) {
    return null;
  }
  const begin = (kind: Act['kind']) => (event: MouseEvent<HTMLButtonElement>) =>
    acting.set({ kind, room, id, from: event.currentTarget });
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={timeline.actions}>
      {!deleted && (
        <IconButton
          icon={SmilePlus}
          label={changes.react}
          aria-haspopup="dialog"
          aria-expanded={open === 'react'}
          onClick={begin('react')}
        />
      )}
      {thread === null && (
        <IconButton icon={MessageSquareText} label={changes.reply} onClick={() => openThread(room, id)} />
      )}
      {editable && <IconButton icon={Pencil} label={changes.edit} onClick={() => edit(room, entry, apart)} />}
      <IconButton
        icon={Ellipsis}
        label={changes.more}
        aria-haspopup="menu"
        aria-expanded={open === 'menu'}
        onClick={begin('menu')}
      />
    </div>
  );
}
