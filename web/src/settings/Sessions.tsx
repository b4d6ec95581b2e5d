import type { RestSession } from '@parley-chat/client/rest';
import { Monitor, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../app/api';
import { Done } from '../entry/FormParts';
import { useLoad } from '../entry/load';
import { textOf } from '../entry/problem';
import { useTick } from '../entry/tick';
import { ago, minuteOf } from '../entry/when';
import { settings as texts } from '../text/settings';
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
    setDone(texts.sessions.signedOutOfAll(ended));
  };
  const gone = (session: RestSession) => {
    sessions.set((all) => all.filter((each) => each.id !== session.id));
    setDone(texts.sessions.signedOutOf(deviceOf(session.user_agent)));
    document.getElementById('settings-tab')?.focus(); // the button that had the focus is gone
  };

  return (
    <Fetched from={sessions}>
      {(all) => (
        <>
          <p className={styles.intro}>{texts.sessions.intro}</p>
          <List label={texts.sessions.list}>
            {all.map((session) => (
              <SessionRow key={session.id} session={session} now={now} onEnded={() => gone(session)} />
            ))}
          </List>
          <Done text={done} />
          {all.some((each) => !each.current) && (
            <div>
              <Button onClick={() => setAsking(true)}>{texts.sessions.others}</Button>
            </div>
          )}
          {asking && (
            <Confirm
              title={texts.sessions.askOthers}
              action={texts.sessions.signOut}
              onConfirm={endOthers}
              onClose={() => setAsking(false)}
            >
              {texts.sessions.askOthersText}
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
      chip={session.current ? texts.sessions.thisOne : undefined}
      detail={
        <>
          {session.current ? texts.sessions.inUse : texts.sessions.lastSeen(ago(Date.parse(session.last_seen_at), now))}
          {texts.sessions.signedInOn}
          <time dateTime={session.created_at}>{minuteOf(Date.parse(session.created_at))}</time>
        </>
      }
      error={error}
      end={
        session.current ? undefined : (
          <Button size="s" busy={busy} aria-label={texts.sessions.signOutOf(device)} onClick={() => void end()}>
            {texts.sessions.signOut}
          </Button>
        )
      }
    />
  );
}
