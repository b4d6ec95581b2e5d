import { LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react';
import { useState } from 'react';
import { useClient, useParley } from '../app/client';
import { useHost } from '../app/host';
import { navigate } from '../app/router';
import { signOut, textOf } from '../app/session';
import { setTheme, type Theme, useTheme } from '../app/theme';
import { Avatar, Menu } from '../ui';
import type { MenuEntry } from '../ui/Menu';
import styles from './AccountBar.module.css';

const themes = [
  { value: 'system', label: 'System', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
];

const states = {
  connecting: 'Connecting',
  connected: 'Online',
  disconnected: 'Offline',
  signed_out: 'Signed out',
} as const;

/** Who one is here, with the menu of what concerns oneself. */
export function AccountBar() {
  const client = useClient();
  const me = useParley((state) => state.me);
  const status = useParley((state) => state.status);
  const theme = useTheme();
  const host = useHost();
  const [error, setError] = useState<string | null>(null);
  if (!me) {
    return <div className={styles.bar} />;
  }
  const name = me.display || me.name;
  const leave = () => {
    setError(null);
    signOut(client).catch((cause) => setError(`You are still signed in: ${textOf(cause)}.`));
  };
  const entries: MenuEntry[] = [
    {
      kind: 'choose',
      label: 'Theme',
      value: theme,
      options: themes,
      onChange: (value) => setTheme(value as Theme),
    },
    { kind: 'line' },
    ...(me.kind === 'guest'
      ? []
      : [{ kind: 'do' as const, label: 'Settings', icon: Settings, onSelect: () => navigate('/settings/profile') }]),
    ...(host ? [] : [{ kind: 'do' as const, label: 'Sign out', icon: LogOut, onSelect: leave }]),
  ];
  return (
    <div className={styles.bar}>
      <Menu
        label="Your account"
        entries={entries}
        button={(attributes) => (
          <button type="button" className={styles.me} aria-label="Your account" title={name} {...attributes}>
            <Avatar id={me.id} name={name} size={28} online={status === 'connected'} />
            <span className={styles.names}>
              <b>{name}</b>
              <span>{me.kind === 'guest' ? `Guest · ${states[status]}` : states[status]}</span>
            </span>
          </button>
        )}
      />
      {error && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
