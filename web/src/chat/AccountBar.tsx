import { Bell, Keyboard, LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react';
import { useState } from 'react';
import { useClient, useParley } from '../app/client';
import { useHost } from '../app/host';
import { navigate } from '../app/router';
import { signOut, textOf } from '../app/session';
import { setTheme, type Theme, useTheme } from '../app/theme';
import { useOwn } from '../people/live';
import { around } from '../text/around';
import { Avatar, IconButton, Menu } from '../ui';
import type { MenuEntry } from '../ui/Menu';
import styles from './AccountBar.module.css';
import { useConnection } from './connection';
import type { Over } from './Overlay';

const themes = [
  { value: 'system', label: around.themes.system, icon: Monitor },
  { value: 'light', label: around.themes.light, icon: Sun },
  { value: 'dark', label: around.themes.dark, icon: Moon },
];

/** Who one is here, with the menu of what concerns oneself. */
export function AccountBar({ onOver }: { onOver: (over: Over) => void }) {
  const client = useClient();
  const me = useParley((state) => state.me);
  const connection = useConnection();
  const theme = useTheme();
  const host = useHost();
  const [error, setError] = useState<string | null>(null);
  const own = useOwn(me?.id ?? '', { onStatus: () => onOver('status'), onError: setError });
  if (!me) {
    return <div className={styles.bar} />;
  }
  const name = me.display || me.name;
  const leave = () => {
    setError(null);
    signOut(client).catch((cause) => setError(around.stillSignedIn(textOf(cause))));
  };
  const act = (label: string, icon: typeof Bell, onSelect: () => void): MenuEntry => ({
    kind: 'do',
    label,
    icon,
    onSelect,
  });
  const entries: MenuEntry[] = [
    ...own.entries,
    {
      kind: 'choose',
      label: around.theme,
      value: theme,
      options: themes,
      onChange: (value) => setTheme(value as Theme),
    },
    { kind: 'line' },
    ...(me.kind === 'guest' ? [] : [act(around.settings, Settings, () => navigate('/settings/profile'))]),
    act(around.shortcuts, Keyboard, () => onOver('help')),
    ...(host ? [] : [act(around.signOut, LogOut, leave)]),
  ];
  const state = connection === 'connected' ? (own.says ?? around.present) : around.connection[connection];
  return (
    <div className={styles.bar}>
      <div className={styles.line}>
        <Menu
          label={around.account}
          entries={entries}
          button={(attributes) => (
            <button type="button" className={styles.me} aria-label={around.account} title={name} {...attributes}>
              <Avatar
                id={me.id}
                name={name}
                size={28}
                online={connection === 'connected'}
                state={own.dnd ? 'dnd' : 'online'}
              />
              <span className={styles.names}>
                <b>{name}</b>
                <span>{me.kind === 'guest' ? `${around.guest} · ${state}` : state}</span>
              </span>
            </button>
          )}
        />
        <IconButton icon={Bell} label={around.notifications} onClick={() => onOver('notifications')} />
      </div>
      {error && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
