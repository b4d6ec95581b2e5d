import { type Next, type RestThread, rest } from '@parley-chat/client/rest';
import { useCallback } from 'react';
import { useClient } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { openThread } from '../chat/panel';
import { threads as words } from '../text/threads';
import { Excerpt } from './Excerpt';
import styles from './List.module.css';
import { PagedList } from './PagedList';
import { Panel } from './Panel';
import { usePages } from './pages';
import { useThreadsState } from './threads';

/** The threads that one follows, the one with the newest reply first. */
export function Inbox({ inert }: { inert: boolean }) {
  const client = useClient();
  const unread = useThreadsState((state) => state.unread, null);
  const load = useCallback(
    async (before?: Next) => {
      const { threads, next } = await rest(client).threads({ before });
      return { items: threads, next };
    },
    [client],
  );
  const pages = usePages<RestThread>(load, unread);
  const count = (thread: RestThread) => unread?.[thread.root.id]?.unread ?? 0;
  return (
    <Panel label={words.threads} title={words.threads} inert={inert}>
      <PagedList
        label={words.threads}
        pages={pages}
        keyOf={(thread) => thread.root.id}
        empty={words.noThreads}
        hint={words.noThreadsHint}
      >
        {(thread) => (
          <Excerpt
            message={thread.root}
            fresh={count(thread) > 0}
            onGo={() => {
              navigate(roomPath(thread.room));
              openThread(thread.room, thread.root.id);
            }}
            more={
              <span className={styles.more}>
                {words.replies(thread.root.replies?.count ?? 0)}
                {count(thread) > 0 && <span className={styles.badge}>{words.unreadReplies(count(thread))}</span>}
              </span>
            }
          />
        )}
      </PagedList>
    </Panel>
  );
}
