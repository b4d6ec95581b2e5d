import { type Next, type RestMessage, rest } from '@parley-chat/client/rest';
import { useCallback } from 'react';
import { useClient, useParley } from '../app/client';
import { totalMentions } from '../chat/title';
import { threads as words } from '../text/threads';
import { Excerpt } from './Excerpt';
import { PagedList } from './PagedList';
import { Panel } from './Panel';
import { usePages } from './pages';

/** The messages that name me, in all my rooms and threads, the newest first. */
export function Mentions({ inert }: { inert: boolean }) {
  const client = useClient();
  const fresh = useParley(totalMentions);
  const load = useCallback(
    async (before?: Next) => {
      const { messages, next } = await rest(client).mentions(before);
      return { items: messages, next };
    },
    [client],
  );
  const pages = usePages<RestMessage>(load, fresh);
  const rooms = useParley((state) => state.rooms);
  const isFresh = ({ room, n }: RestMessage) => n !== undefined && n > (rooms[room]?.readN ?? 0);
  return (
    <Panel label={words.mentions} title={words.mentions} inert={inert}>
      <PagedList
        label={words.mentions}
        pages={pages}
        keyOf={(message) => message.id}
        empty={words.noMentions}
        hint={words.noMentionsHint}
      >
        {(message) => <Excerpt message={message} fresh={isFresh(message)} />}
      </PagedList>
    </Panel>
  );
}
