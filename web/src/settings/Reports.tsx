import type { Report } from '@parley-chat/client/rest';
import { useMemo, useState } from 'react';
import { useApi } from '../app/api';
import { linkTo, messagePath } from '../app/router';
import { useNow } from '../chat/changes/now';
import { Done, FormError } from '../entry/FormParts';
import { useLoad } from '../entry/load';
import { textOf } from '../entry/problem';
import { minuteOf } from '../entry/when';
import peopleStyles from '../people/People.module.css';
import { people } from '../text/people';
import { Button } from '../ui/Button';
import { Pieces } from '../ui/Pieces';
import { Empty, Fetched } from './List';
import styles from './Settings.module.css';

const texts = people.reports;

/** What people have reported, for those who look after the workspace. */
export function Reports() {
  const api = useApi();
  const open = useLoad('reports', () => api.reports({ open: true }));
  const [said, setSaid] = useState({ done: '', error: '' });
  const [busy, setBusy] = useState(false);

  const resolve = async (report: Report) => {
    setSaid({ done: '', error: '' });
    try {
      await api.resolveReport(report.id);
      open.set((page) => ({ ...page, reports: page.reports.filter((each) => each.id !== report.id) }));
      setSaid({ done: texts.resolved, error: '' });
    } catch (refused) {
      setSaid({ done: '', error: textOf(refused) });
    }
  };
  const loadMore = async (before: string) => {
    setBusy(true);
    try {
      const older = await api.reports({ open: true, before });
      open.set((page) => ({ ...older, reports: [...page.reports, ...older.reports] }));
    } catch (refused) {
      setSaid({ done: '', error: textOf(refused) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <p className={styles.intro}>{texts.intro}</p>
      <Fetched from={open}>
        {({ reports, next }) => (
          <>
            {reports.length === 0 && <Empty>{texts.none}</Empty>}
            <ul aria-label={texts.list}>
              {reports.map((report) => (
                <ReportRow key={report.id} report={report} onResolve={() => void resolve(report)} />
              ))}
            </ul>
            {next !== undefined && (
              <div>
                <Button busy={busy} onClick={() => void loadMore(next)}>
                  {texts.older}
                </Button>
              </div>
            )}
          </>
        )}
      </Fetched>
      <FormError text={said.error} />
      <Done text={said.done} />
    </>
  );
}

function ReportRow({ report, onResolve }: { report: Report; onResolve: () => void }) {
  const { room, message, author, reporter, reason, at } = report;
  const told = useMemo(() => ({ ...report, id: message, content: report.content ?? '' }), [report, message]);
  const { content, deleted } = useNow(told);
  return (
    <li className={peopleStyles.report}>
      <p className={peopleStyles.what}>
        <Pieces of={texts.says({ name: reporter.name }, { name: author.name }, { name: `#${room}` })} />{' '}
        <time className={peopleStyles.muted} dateTime={at}>
          {minuteOf(Date.parse(at))}
        </time>
      </p>
      <p className={peopleStyles.what}>{reason}</p>
      {deleted ? (
        <p className={peopleStyles.muted}>{texts.deleted}</p>
      ) : (
        <blockquote className={peopleStyles.quote} dir="auto">
          {content}
        </blockquote>
      )}
      <div className={peopleStyles.acts}>
        <Button size="s" aria-label={texts.resolveIt(author.name)} onClick={onResolve}>
          {texts.resolve}
        </Button>
        {!deleted && <a {...linkTo(messagePath(room, message))}>{texts.go}</a>}
      </div>
    </li>
  );
}
