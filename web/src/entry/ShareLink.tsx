import type { NewInvite } from '@parley-chat/client/rest';
import { Check, Copy } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { entry as texts } from '../text/entry';
import { Button } from '../ui/Button';
import { copyField } from './clipboard';
import { QrCode } from './QrCode';
import styles from './ShareLink.module.css';
import { dayOf } from './when';

/** An invitation that was just made: its link is known now and never again. */
export interface NewInvitation {
  url: string;
  /** Milliseconds since 1970, null for never. */
  expires: number | null;
  /** How many people may come with it, 0 for no limit. */
  maxUses: number;
}

/** What is shown of the server's answer. */
export function newInvitation(made: NewInvite): NewInvitation {
  return {
    url: made.url,
    expires: made.expires_at === undefined ? null : Date.parse(made.expires_at),
    maxUses: made.max_uses ?? 0,
  };
}

/** The link of a new invitation: to read, to copy and to photograph. */
export function ShareLink({ invitation }: { invitation: NewInvitation }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<'' | 'yes' | 'no'>('');
  const copy = async () => {
    if (field.current) setCopied((await copyField(field.current)) ? 'yes' : 'no');
  };
  return (
    <div className={styles.share}>
      <div className={styles.column}>
        <label className={styles.label} htmlFor={id}>
          {texts.invite.link}
        </label>
        <input
          ref={field}
          id={id}
          className={styles.link}
          value={invitation.url}
          readOnly
          spellCheck={false}
          onFocus={(event) => event.target.select()}
        />
        <Button icon={copied === 'yes' ? Check : Copy} onClick={() => void copy()}>
          {texts.invite.copy}
        </Button>
        <p className={styles.said} role="status">
          {copied === 'yes' && texts.invite.copied}
          {copied === 'no' && texts.invite.notCopied}
        </p>
        <p className={styles.terms}>{termsOf(invitation, Date.now())}</p>
        {onThisMachine(invitation.url) && <p className={styles.terms}>{texts.invite.thisMachine}</p>}
      </div>
      <QrCode text={invitation.url} label={texts.invite.qr} />
    </div>
  );
}

/** onThisMachine: the address leads every computer to itself. */
export function onThisMachine(url: string): boolean {
  const host = new URL(url).hostname;
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(host);
}

/** For how many people an invitation is, and until when. */
export function termsOf({ expires, maxUses }: Pick<NewInvitation, 'expires' | 'maxUses'>, now: number): string {
  return texts.invite.terms(maxUses, expires === null ? '' : dayOf(expires, now));
}
