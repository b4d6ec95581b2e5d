import type { AuditEntry } from '@parley-chat/client/rest';
import { useState } from 'react';
import { useApi } from '../app/api';
import { FormError } from '../entry/FormParts';
import { useLoad } from '../entry/load';
import { textOf } from '../entry/problem';
import { minuteOf } from '../entry/when';
import { settings as texts } from '../text/settings';
import { Button } from '../ui/Button';
import { Pieces } from '../ui/Pieces';
import styles from './AuditLog.module.css';
import { piecesOf } from './audit';
import { Empty, Fetched } from './List';
import settings from './Settings.module.css';

/** What was done to accounts, invitations, rooms and the workspace, newest first. */
export function AuditLog() {
  const api = useApi();
  const log = useLoad('audit', () => api.audit());
  const [more, setMore] = useState<{ busy: boolean; error: string }>({ busy: false, error: '' });

  const loadMore = async (before: number) => {
    setMore({ busy: true, error: '' });
    try {
      const older = await api.audit({ before });
      log.set((page) => ({ ...older, entries: [...page.entries, ...older.entries] }));
      setMore({ busy: false, error: '' });
    } catch (refused) {
      setMore({ busy: false, error: textOf(refused) });
    }
  };

  return (
    <>
      <p className={settings.intro}>{texts.auditLog.intro}</p>
      <Fetched from={log}>
        {({ entries, next }) => (
          <>
            {entries.length === 0 && <Empty>{texts.auditLog.none}</Empty>}
            <ol className={styles.log} aria-label={texts.auditLog.list}>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </ol>
            <FormError text={more.error} />
            {next !== undefined && (
              <div>
                <Button busy={more.busy} onClick={() => void loadMore(next)}>
                  {texts.auditLog.older}
                </Button>
              </div>
            )}
          </>
        )}
      </Fetched>
    </>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  return (
    <li>
      <span>
        <Pieces of={piecesOf(entry)} />
      </span>
      <time dateTime={entry.at}>{minuteOf(Date.parse(entry.at))}</time>
    </li>
  );
}
