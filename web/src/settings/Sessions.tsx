import type { RestSession } from '@parley-chat/client/rest';
import { Monitor, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../app/api';
import { Done } from '../entry/FormParts';
import { useLoad } from '../entry/load';
import { textOf } from '../entry/problem';
import { useTick } from '../entry/tick';
import { ago, minuteOf } from '../entry/when';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Confirm } from './Confirm';
import { deviceOf, isHandheld } from './device';
import { Fetched, List, Row } from './List';
import styles from './Settings.module.css';

/** Where one is signed in, and ending that. */
export function Sessions() {
  const api = useApi();
  const sessions = useLoad('sessions', () => api.sessions());
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState('');
  const now = useTick(60_000);

  const endOthers = async () => {
    const ended = await api.endOtherSessions();
    sessions.set((all) => all.filter((each) => each.current));
    setDone(`Signed out of ${ended} ${ended === 1 ? 'session' : 'sessions'}.`);
  };
  const gone = (session: RestSession) => {
    sessions.set((all) => all.filter((each) => each.id !== session.id));
    setDone(`Signed out of ${deviceOf(session.user_agent)}.`);
    document.getElementById('settings-tab')?.focus(); // the button that had the focus is gone
  };

  return (
    <Fetched from={sessions}>
      {(all) => (
        <>
          <p className={styles.intro}>
            Everywhere you are signed in. One that you do not know is somebody else: sign it out, then change your
            password.
          </p>
          <List label="Sessions">
            {all.map((session) => (
              <SessionRow key={session.id} session={session} now={now} onEnded={() => gone(session)} />
            ))}
          </List>
          <Done text={done} />
          {all.some((each) => !each.current) && (
            <div>
              <Button onClick={() => setAsking(true)}>Sign out everywhere else</Button>
            </div>
          )}
          {asking && (
            <Confirm
              title="Sign out everywhere else?"
              action="Sign out"
              onConfirm={endOthers}
              onClose={() => setAsking(false)}
            >
              All sessions but this one end at once. Whoever uses them has to sign in again.
            </Confirm>
          )}
        </>
      )}
    </Fetched>
  );
}

function SessionRow({ session, now, onEnded }: { session: RestSession; now: number; onEnded: () => void }) {
  const api = useApi();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const device = deviceOf(session.user_agent);

  const end = async () => {
    setBusy(true);
    setError('');
    try {
      await api.endSession(session.id);
      onEnded();
    } catch (refused) {
      setError(textOf(refused));
      setBusy(false);
    }
  };

  return (
    <Row
      start={<Icon of={isHandheld(session.user_agent) ? Smartphone : Monitor} size={20} />}
      name={device}
      chip={session.current ? 'This one' : undefined}
      detail={
        <>
          {session.current ? 'In use now' : `Last seen ${ago(Date.parse(session.last_seen_at), now)}`}, signed in on{' '}
          <time dateTime={session.created_at}>{minuteOf(Date.parse(session.created_at))}</time>
        </>
      }
      error={error}
      end={
        session.current ? undefined : (
          <Button size="s" busy={busy} aria-label={`Sign out ${device}`} onClick={() => void end()}>
            Sign out
          </Button>
        )
      }
    />
  );
}
