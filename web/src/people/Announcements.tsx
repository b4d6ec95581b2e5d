import type { Announcement } from '@parley-chat/client/people';
import { Megaphone, X } from 'lucide-react';
import { useState } from 'react';
import { useParley } from '../app/client';
import { linkify } from '../chat/linkify';
import { people } from '../text/people';
import { Icon, IconButton } from '../ui';
import { dismissed } from './dismissed';
import { usePeople, useTick } from './live';
import styles from './People.module.css';

const texts = people.announcements;

/** What an owner tells everybody: the newest that this person has not dismissed on this device. */
export function Announcements() {
  const me = useParley((state) => state.me?.id ?? '');
  const all = usePeople((state) => state.announcements);
  const [gone, setGone] = useState(() => dismissed.get(me));
  useTick();
  const now = Date.now();
  const shown = all.findLast((each) => (each.until === null || each.until > now) && !gone.includes(each.id));
  if (!shown) {
    return null;
  }
  const dismiss = () => {
    dismissed.add(me, shown.id);
    setGone(dismissed.get(me));
    document.querySelector<HTMLElement>('[data-composer]')?.focus();
  };
  return <Banner key={shown.id} announcement={shown} onDismiss={dismiss} />;
}

function Banner({ announcement, onDismiss }: { announcement: Announcement; onDismiss: () => void }) {
  const by = useParley(
    (state) =>
      Object.values(state.people).find((person) => person.name === announcement.user)?.display ?? announcement.user,
  );
  return (
    <section className={styles.banner} aria-label={texts.region}>
      <Icon of={Megaphone} size={16} />
      <div className={styles.said} role="status" dir="auto">
        {linkify(announcement.content).map((part, at) =>
          part.kind === 'link' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change their order
            <a key={at} href={part.href} target="_blank" rel="noopener noreferrer">
              {part.text}
            </a>
          ) : (
            part.text
          ),
        )}
        <p className={styles.muted}>{texts.by(by)}</p>
      </div>
      <IconButton icon={X} size="s" label={texts.dismiss} onClick={onDismiss} />
    </section>
  );
}
