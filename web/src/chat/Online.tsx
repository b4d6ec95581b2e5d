import { useEffect, useState } from 'react';
import { useParley } from '../app/client';
import { useStatus, useWhereabouts } from '../people/live';
import { saysOf } from '../people/says';
import { around } from '../text/around';
import { Avatar } from '../ui';
import { onlineEverywhere, useDirectory } from './people';
import styles from './Sidebar.module.css';

/** Faces that fit beside each other. */
const faces = 7;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Who is here, over all rooms; without a connection, who was when it went. */
export function Online() {
  const rooms = useParley((state) => state.rooms);
  const connected = useParley((state) => state.status === 'connected');
  const { display, colour, byName } = useDirectory();
  const since = useSince(connected);
  const { names, count } = onlineEverywhere(rooms);
  const shown = names.slice(0, names.length > faces ? faces - 1 : faces);
  if (count === 0 || (!connected && since === null)) {
    return null;
  }
  return (
    <section aria-label={around.peopleOnline}>
      <div className={styles.section}>
        <h2>{around.online}</h2>
        <span>{since === null ? count : around.asOf(clock.format(since))}</span>
      </div>
      <ul className={styles.faces}>
        {shown.map((name) => (
          <Face
            key={name}
            id={colour(name)}
            name={display(name)}
            bot={byName.get(name)?.kind === 'bot'}
            connected={connected}
          />
        ))}
        {count > shown.length && (
          <li className={styles.more}>
            +{count - shown.length}
            <span className={styles.hidden}> {around.moreOnline}</span>
          </li>
        )}
      </ul>
    </section>
  );
}

/** Somebody who is here, with what they do. */
function Face({ id, name, bot, connected }: { id: string; name: string; bot: boolean; connected: boolean }) {
  const state = useWhereabouts(id)?.state;
  const status = useStatus(id);
  const says = saysOf(state, status);
  return (
    <li title={says ? `${name}: ${says}` : name}>
      <Avatar id={id} name={name} size={28} online={connected ? true : undefined} state={state} bot={bot} />
      <span className={styles.hidden}>{says ? `${name}, ${says}` : name}</span>
    </li>
  );
}

/** When the connection that there was has gone; null while there is one, and before the first. */
function useSince(connected: boolean): number | null {
  const [been, setBeen] = useState(connected);
  const [since, setSince] = useState<number | null>(null);
  if (connected && (!been || since !== null)) {
    setBeen(true);
    setSince(null);
  }
  useEffect(() => {
    if (been && !connected) {
      setSince(Date.now());
    }
  }, [been, connected]);
  return since;
}
