import type { Me } from '@parley-chat/client';
import type { Preferences } from '@parley-chat/client/people';
import { type FormEvent, useState } from 'react';
import { textOf } from '../app/session';
import { Done, FormError } from '../entry/FormParts';
import { Waiting } from '../entry/Waiting';
import { acts, usePeople } from '../people/live';
import peopleStyles from '../people/People.module.css';
import { common } from '../text/common';
import { people } from '../text/people';
import { settings } from '../text/settings';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { Empty, List, Row } from './List';
import styles from './Settings.module.css';

/** When one may be disturbed, what counts as one's name, and of whom one wants nothing. */
export function Availability(_: { me: Me }) {
  const preferences = usePeople((state) => state.preferences);
  if (preferences === null) {
    return <Waiting />;
  }
  return (
    <>
      <Hours preferences={preferences} />
      <Seen preferences={preferences} />
      <Highlights preferences={preferences} />
      <Blocks />
    </>
  );
}

/** Sends a change of preferences, and says what became of it. */
function useChange() {
  const [said, setSaid] = useState({ done: '', error: '' });
  const [busy, setBusy] = useState(false);
  const change = async (next: Preferences) => {
    setBusy(true);
    setSaid({ done: '', error: '' });
    try {
      await acts()?.setPreferences(next);
      setSaid({ done: settings.saved, error: '' });
    } catch (refused) {
      setSaid({ done: '', error: people.failed(textOf(refused)) });
    } finally {
      setBusy(false);
    }
  };
  return { ...said, busy, change, fail: (error: string) => setSaid({ done: '', error }) };
}

function Hours({ preferences }: { preferences: Preferences }) {
  const texts = people.hours;
  const { schedule } = preferences.dnd;
  const [on, setOn] = useState(schedule !== undefined);
  const [from, setFrom] = useState(schedule?.from ?? '22:00');
  const [to, setTo] = useState(schedule?.to ?? '07:00');
  const { busy, done, error, change, fail } = useChange();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (on && (from === to || from === '' || to === '')) {
      fail(texts.same);
      return;
    }
    const { schedule: _, ...until } = preferences.dnd;
    void change({ ...preferences, dnd: on ? { ...until, schedule: { from, to, zone } } : until });
  };
  return (
    <form className={styles.part} onSubmit={submit} aria-label={texts.heading} noValidate>
      <h3>{texts.heading}</h3>
      <p className={styles.intro}>{texts.intro}</p>
      <label className={peopleStyles.check}>
        <input type="checkbox" checked={on} onChange={(event) => setOn(event.target.checked)} />
        {texts.on}
      </label>
      {on && (
        <>
          <div className={styles.two}>
            <Field label={texts.from} type="time" value={from} onChange={(event) => setFrom(event.target.value)} />
            <Field label={texts.to} type="time" value={to} onChange={(event) => setTo(event.target.value)} />
          </div>
          <p className={peopleStyles.muted}>{texts.zone(zone)}</p>
        </>
      )}
      <FormError text={error} />
      <div className={styles.row}>
        <Button type="submit" variant="main" busy={busy}>
          {common.save}
        </Button>
        <Done text={done} />
      </div>
    </form>
  );
}

function Seen({ preferences }: { preferences: Preferences }) {
  const texts = people.seen;
  const { busy, done, error, change } = useChange();
  return (
    <section className={styles.part} aria-label={texts.heading}>
      <h3>{texts.heading}</h3>
      <label className={peopleStyles.check}>
        <input
          type="checkbox"
          checked={preferences.share_last_seen}
          aria-disabled={busy}
          onChange={(event) => void change({ ...preferences, share_last_seen: event.target.checked })}
        />
        {texts.share}
      </label>
      <FormError text={error} />
      <Done text={done} />
    </section>
  );
}

const mostWords = 50;
const longest = 64;

function Highlights({ preferences }: { preferences: Preferences }) {
  const texts = people.highlights;
  const [typed, setTyped] = useState(preferences.highlights.join('\n'));
  const { busy, done, error, change, fail } = useChange();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const words = typed.split('\n').flatMap((line) => line.trim() || []);
    if (words.length > mostWords) {
      fail(texts.many(mostWords));
    } else if (words.some((word) => [...word].length > longest)) {
      fail(texts.long(longest));
    } else {
      void change({ ...preferences, highlights: words });
    }
  };
  return (
    <form className={styles.part} onSubmit={submit} aria-label={texts.heading} noValidate>
      <h3>{texts.heading}</h3>
      <p className={styles.intro}>{texts.intro}</p>
      <label className={peopleStyles.choice}>
        {texts.label}
        <textarea className={peopleStyles.area} value={typed} onChange={(event) => setTyped(event.target.value)} />
      </label>
      <FormError text={error} />
      <div className={styles.row}>
        <Button type="submit" variant="main" busy={busy}>
          {common.save}
        </Button>
        <Done text={done} />
      </div>
    </form>
  );
}

function Blocks() {
  const texts = people.blocks;
  const blocked = usePeople((state) => state.blocked);
  const [error, setError] = useState('');
  const unblock = (id: string) => {
    setError('');
    acts()
      ?.setBlocked(id, false)
      .catch((refused: unknown) => setError(people.failed(textOf(refused))));
  };
  return (
    <section className={styles.part} aria-label={texts.heading}>
      <h3>{texts.heading}</h3>
      <p className={styles.intro}>{texts.intro}</p>
      {blocked.size === 0 ? (
        <Empty>{texts.none}</Empty>
      ) : (
        <List label={texts.list}>
          {[...blocked.values()].map(({ id, name, display }) => (
            <Row
              key={id}
              start={<Avatar id={id} name={display || name} size={32} />}
              name={display || name}
              end={
                <Button size="s" aria-label={texts.unblock(display || name)} onClick={() => unblock(id)}>
                  {texts.takeBack}
                </Button>
              }
            />
          ))}
        </List>
      )}
      <FormError text={error} />
    </section>
  );
}
