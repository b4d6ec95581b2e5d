import type { Person } from '@parley-chat/client';
import { Ban, CircleCheck } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useParley } from '../app/client';
import { textOf } from '../app/session';
import { people } from '../text/people';
import type { MenuEntry } from '../ui/Menu';
import { acts, usePeople } from './live';

const texts = people.blocks;
const Confirm = lazy(() => import('../settings/Confirm').then((m) => ({ default: m.Confirm })));

/** The entry of somebody's menu that blocks them, or takes it back, and what then opens. error: why it did not work. */
export function useBlocking(person: Person | undefined): { entries: MenuEntry[]; dialog: ReactNode; error: string } {
  const me = useParley((state) => state.me);
  const blocked = usePeople((state) => person !== undefined && state.blocked.has(person.id));
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState('');
  const may = person !== undefined && me !== null && me.kind !== 'guest' && me.id !== person.id;
  if (!may) {
    return { entries: [], dialog: null, error: '' };
  }
  const name = person.display || person.name;
  const unblock = () => {
    setError('');
    acts()
      ?.setBlocked(person.id, false)
      .catch((refused: unknown) => setError(people.failed(textOf(refused))));
  };
  return {
    entries: [
      blocked
        ? { kind: 'do', label: texts.unblock(name), icon: CircleCheck, onSelect: unblock }
        : { kind: 'do', label: texts.block(name), icon: Ban, onSelect: () => setAsking(true) },
    ],
    dialog: (
      <Suspense fallback={null}>
        {asking && (
          <Confirm
            title={texts.title(name)}
            action={texts.do}
            onConfirm={async () => acts()?.setBlocked(person.id, true)}
            onClose={() => setAsking(false)}
          >
            {texts.why(name)}
          </Confirm>
        )}
      </Suspense>
    ),
    error,
  };
}
