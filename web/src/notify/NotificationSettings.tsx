import { useState } from 'react';
import { useParley } from '../app/client';
import { notify as text } from '../text/notify';
import { choose, type Level, type Permission, useChosenLevel, usePermission } from './choice';
import styles from './NotificationSettings.module.css';

const levels: Level[] = ['all', 'mentions', 'off'];

/** Of what this browser tells, for whoever is signed in here. */
export function NotificationSettings() {
  const me = useParley((state) => state.me?.name ?? '');
  const permission = usePermission();
  const chosen = useChosenLevel();
  const [refused, setRefused] = useState(false);
  const possible = permission === 'granted' || permission === 'default';
  const current = permission === 'granted' ? chosen : 'off';
  const pick = async (level: Level) => {
    setRefused(false);
    const answer = await choose(level);
    setRefused(level !== 'off' && answer === 'default');
  };
  return (
    <div className={styles.choice}>
      <p className={styles.muted}>{text.intro}</p>
      <fieldset className={styles.levels} disabled={!possible}>
        <legend>{text.legend}</legend>
        {levels.map((level) => {
          const { name, hint } = text.levels[level];
          return (
            <label key={level} className={styles.level}>
              <input
                type="radio"
                name="notify"
                value={level}
                checked={level === current}
                onChange={() => void pick(level)}
              />
              <span>
                <b>{name}</b>
                <span className={styles.muted}>{typeof hint === 'string' ? hint : hint(me)}</span>
              </span>
            </label>
          );
        })}
      </fieldset>
      <p className={permission === 'denied' ? styles.bad : styles.muted} role="status">
        {refused ? text.dismissed : sentence(permission)}
      </p>
    </div>
  );
}

function sentence(permission: Permission): string {
  switch (permission) {
    case 'granted':
      return text.granted;
    case 'default':
      return text.ask;
    default:
      return text[permission];
  }
}
