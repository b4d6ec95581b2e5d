import { type Next, type RestMessage, rest } from '@parley-chat/client/rest';
import { useCallback } from 'react';
import { useClient, useParley } from '../app/client';
import { threads as words } from '../text/threads';
import { Excerpt } from './Excerpt';
import { PagedList } from './PagedList';
import { Panel } from './Panel';
import { afterCut, useFrames, usePages } from './pages';

const keyOf = (message: RestMessage) => message.id;

/** The messages that name me, in all my rooms and threads, the newest first. */
export function Mentions({ inert }: { inert: boolean }) {
  const client = useClient();
  const me = useParley((state) => state.me?.id ?? '');
  const load = useCallback(
    async (before?: Next) => {
      const { messages, next } = await rest(client).mentions(before);
      return { items: messages, next };
    },
    [client],
  );
  const pages = usePages(load, keyOf);
  const namesMe = ({ mentions, mentions_all }: { mentions?: unknown; mentions_all?: unknown }) =>
    Boolean(mentions_all) || (Array.isArray(mentions) && mentions.includes(me));
  useFrames((frame, isNew) => {
    const says = frame.type === 'message' ? frame : frame.type === 'change' && frame.kind === 'edit' ? frame.data : {};
    if ((isNew && namesMe(says)) || afterCut(frame)) {
      pages.refresh();
    }
  });
  const rooms = useParley((state) => state.rooms);
  const isFresh = ({ room, n }: RestMessage) => n !== undefined && n > (rooms[room]?.readN ?? 0);
  return (
    <Panel label={words.mentions} title={words.mentions} inert={inert}>
      <PagedList
        label={words.mentions}
        pages={pages}
        keyOf={keyOf}
        empty={words.noMentions}
        hint={words.noMentionsHint}
      >
        {(message) => <Excerpt message={message} fresh={isFresh(message)} />}
      </PagedList>
    </Panel>
  );
}
