import { type Next, type RestMessage, rest } from '@parley-chat/client/rest';
import { BookmarkX } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useClient } from '../app/client';
import { threads as words } from '../text/threads';
import { IconButton } from '../ui';
import { Excerpt } from './Excerpt';
import { PagedList } from './PagedList';
import { Panel } from './Panel';
import { usePages } from './pages';

/** What was kept for later, the last one first. */
export function Saved({ inert }: { inert: boolean }) {
  const client = useClient();
  const told = useSavedElsewhere();
  const load = useCallback(
    async (before?: Next) => {
      const { messages, next } = await rest(client).saved(before);
      return { items: messages, next };
    },
    [client],
  );
  const pages = usePages<RestMessage>(load, told);
  const remove = (message: RestMessage) => {
    pages.change((items) => items.filter((item) => item.id !== message.id));
    rest(client)
      .save(message.room, message.id, false)
      .catch(() => pages.retry());
  };
  return (
    <Panel label={words.saved} title={words.saved} inert={inert}>
      <PagedList
        label={words.saved}
        pages={pages}
        keyOf={(message) => message.id}
        empty={words.noSaved}
        hint={words.noSavedHint}
      >
        {(message) => (
          <Excerpt
            message={message}
            acts={<IconButton icon={BookmarkX} size="s" label={words.unsave} onClick={() => remove(message)} />}
          />
        )}
      </PagedList>
    </Panel>
  );
}

/** A number that changes with each message that was kept or taken off, on whichever device. */
function useSavedElsewhere(): number {
  const client = useClient();
  const [told, setTold] = useState(0);
  useEffect(
    () =>
      client.link.onFrame((frame) => {
        if (frame.type === 'other' && frame.frame.type === 'saved') {
          setTold((n) => n + 1);
        }
      }),
    [client],
  );
  return told;
}
