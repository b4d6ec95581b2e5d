import { type Next, type RestMessage, rest } from '@parley-chat/client/rest';
import { BookmarkX } from 'lucide-react';
import { type MouseEvent, useCallback } from 'react';
import { useClient } from '../app/client';
import { threads as words } from '../text/threads';
import { IconButton } from '../ui';
import { Excerpt } from './Excerpt';
import { PagedList } from './PagedList';
import { Panel } from './Panel';
import { afterCut, useFrames, usePages } from './pages';

const keyOf = (message: RestMessage) => message.id;

/** What was kept for later, the last one first. */
export function Saved({ inert }: { inert: boolean }) {
  const client = useClient();
  const load = useCallback(
    async (before?: Next) => {
      const { messages, next } = await rest(client).saved(before);
      return { items: messages, next };
    },
    [client],
  );
  const pages = usePages(load, keyOf);
  const drop = (id: unknown) => pages.change((items) => items.filter((item) => item.id !== id));
  useFrames((frame) => {
    const own = frame.type === 'other' && frame.frame.type === 'saved' ? frame.frame : null;
    if (own?.saved === false) {
      drop(own.message);
    } else if (own || afterCut(frame)) {
      pages.refresh();
    }
  });
  const remove = (message: RestMessage, { currentTarget }: MouseEvent<HTMLElement>) => {
    focusBeside(currentTarget);
    drop(message.id);
    rest(client)
      .save(message.room, message.id, false)
      .catch(() => pages.refresh());
  };
  return (
    <Panel label={words.saved} title={words.saved} inert={inert}>
      <PagedList label={words.saved} pages={pages} keyOf={keyOf} empty={words.noSaved} hint={words.noSavedHint}>
        {(message) => (
          <Excerpt
            message={message}
            acts={
              <IconButton icon={BookmarkX} size="s" label={words.unsave} onClick={(event) => remove(message, event)} />
            }
          />
        )}
      </PagedList>
    </Panel>
  );
}

/** The focus goes from the button of an item that is taken off to that of the next one, else of the one before, else to the list. */
function focusBeside(button: HTMLElement): void {
  const item = button.closest('li');
  const beside = item?.nextElementSibling ?? item?.previousElementSibling;
  (beside?.querySelector<HTMLElement>('button') ?? item?.closest('section'))?.focus({ preventScroll: true });
}
