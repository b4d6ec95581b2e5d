import { type FormEvent, useState } from 'react';
import { useApi } from '../app/api';
import { Done, FormError } from '../entry/FormParts';
import { textOf } from '../entry/problem';
import { minuteOf } from '../entry/when';
import { usePeople, useTick } from '../people/live';
import peopleStyles from '../people/People.module.css';
import { endOf } from '../people/until';
import { people } from '../text/people';
import { Button } from '../ui/Button';
import { Choice, Empty, List, Row } from './List';
import styles from './Settings.module.css';

const texts = people.announcements;
const most = 1000;
const lasting = [
  { value: 'never', name: texts.lasts.never },
  { value: 'hour', name: texts.lasts.hour },
  { value: 'today', name: texts.lasts.today },
  { value: 'week', name: texts.lasts.week },
] as const;

/** What the owner tells everybody, and what stands. */
export function Announcing() {
  const api = useApi();
  const [content, setContent] = useState('');
  const [lasts, setLasts] = useState<(typeof lasting)[number]['value']>('never');
  const [said, setSaid] = useState({ done: '', error: '' });
  const [busy, setBusy] = useState(false);

  const run = async (act: () => Promise<string>) => {
    setBusy(true);
    setSaid({ done: '', error: '' });
    try {
      setSaid({ done: await act(), error: '' });
    } catch (refused) {
      setSaid({ done: '', error: textOf(refused) });
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if ([...content].length > most) {
      setSaid({ done: '', error: texts.long(most) });
      return;
    }
    void run(async () => {
      const until = lasts === 'week' ? Date.now() + 7 * 24 * 60 * 60_000 : endOf(lasts, Date.now());
      await api.announce({ content, ...(until === null ? {} : { until: new Date(until).toISOString() }) });
      setContent('');
      return texts.done;
    });
  };

  return (
    <>
      <form className={styles.part} onSubmit={submit} aria-label={texts.tab} noValidate>
        <p className={styles.intro}>{texts.intro}</p>
        <label className={peopleStyles.choice}>
          {texts.label}
          <textarea
            className={peopleStyles.area}
            value={content}
            onChange={(event) => setContent(event.target.value)}
          />
        </label>
        <Choice shown label={texts.for} value={lasts} options={lasting} onChange={setLasts} />
        <FormError text={said.error} />
        <div className={styles.row}>
          <Button type="submit" variant="main" busy={busy} disabled={content.trim() === ''}>
            {texts.send}
          </Button>
          <Done text={said.done} />
        </div>
      </form>
      <Standing onEnd={(id) => void run(async () => api.endAnnouncement(id).then(() => ''))} />
    </>
  );
}

function Standing({ onEnd }: { onEnd: (id: string) => void }) {
  const all = usePeople((state) => state.announcements);
  useTick();
  const standing = all.filter(({ until }) => until === null || until > Date.now());
  return (
    <section className={styles.part} aria-label={texts.standing}>
      <h3>{texts.standing}</h3>
      {standing.length === 0 ? (
        <Empty>{texts.none}</Empty>
      ) : (
        <List label={texts.standing}>
          {standing.map(({ id, content, time, until }) => (
            <Row
              key={id}
              name={content}
              detail={minuteOf(time) + (until === null ? '' : ` ${people.until(minuteOf(until))}`)}
              end={
                <Button size="s" aria-label={texts.endIt(content)} onClick={() => onEnd(id)}>
                  {texts.end}
                </Button>
              }
            />
          ))}
        </List>
      )}
    </section>
  );
}
