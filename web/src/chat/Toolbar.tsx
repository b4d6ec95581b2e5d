import type { MessageEntry } from '@parley-chat/client';
import { Check, Copy, Link, type LucideIcon, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { href, messagePath } from '../app/router';
import { timeline } from '../text/timeline';
import { IconButton } from '../ui';
import { copyText } from './copy';
import styles from './Toolbar.module.css';

/** How long it says that something was copied, in ms. */
const said = 2000;

/** What can be done with a message. It shows with the message that the pointer or the focus is on. */
export function Toolbar({ entry, room }: { entry: MessageEntry; room: string }) {
  const [done, setDone] = useState<{ what: 'link' | 'text'; well: boolean } | null>(null);
  useEffect(() => {
    if (done !== null) {
      const timer = setTimeout(() => setDone(null), said);
      return () => clearTimeout(timer);
    }
  }, [done]);
  const copy = async (what: 'link' | 'text', text: string) => setDone({ what, well: await copyText(text) });
  const icon = (what: 'link' | 'text', usual: LucideIcon) => (done?.what === what ? (done.well ? Check : X) : usual);
  const { id, deleted, content } = entry;
  const words =
    done && (done.well ? { link: timeline.linkCopied, text: timeline.textCopied }[done.what] : timeline.notCopied);
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={timeline.actions}>
      <span className={styles.said} role="status">
        {words}
      </span>
      {id !== null && (
        <IconButton
          icon={icon('link', Link)}
          label={timeline.copyLink}
          onClick={() => void copy('link', new URL(href(messagePath(room, id)), location.href).href)}
        />
      )}
      {!deleted && (
        <IconButton icon={icon('text', Copy)} label={timeline.copyText} onClick={() => void copy('text', content)} />
      )}
    </div>
  );
}
