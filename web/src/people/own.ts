import { Bell, BellOff, SmilePlus } from 'lucide-react';
import { textOf } from '../app/session';
import { people } from '../text/people';
import { presence } from '../text/presence';
import type { MenuEntry } from '../ui/Menu';
import { acts, known, type Own } from './live';
import { isQuiet, quietUntil } from './quiet';
import { tomorrow } from './until';

const texts = people.own;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** What one's own corner says of oneself now, and the entries of its menu about that. */
export const own: Own = (me, { onStatus, onError }) => {
  const { preferences, statuses } = known();
  const now = Date.now();
  const given = statuses.get(me);
  const status = given && (given.until === null || given.until > now) ? given : undefined;
  const quiet = quietUntil(preferences, now);
  const dnd = isQuiet(preferences, now);
  if (preferences === null) {
    return { says: null, dnd, entries: [] };
  }
  const quieten = (until: number | null) => {
    const { until: _, ...hours } = preferences.dnd;
    const next = until === null ? hours : { ...hours, until: new Date(until).toISOString() };
    acts()
      ?.setPreferences({ ...preferences, dnd: next })
      .catch((cause: unknown) => onError(people.failed(textOf(cause))));
  };
  const act = (label: string, icon: typeof Bell, onSelect: () => void): MenuEntry => ({
    kind: 'do',
    label,
    icon,
    onSelect,
  });
  return {
    dnd,
    says:
      quiet !== null
        ? texts.quiet(clock.format(quiet))
        : dnd
          ? presence.states.dnd
          : status
            ? `${status.emoji} ${status.text}`.trim()
            : null,
    entries: [
      act(status ? texts.changeStatus : texts.setStatus, SmilePlus, onStatus),
      ...(quiet === null
        ? [
            act(texts.hour, BellOff, () => quieten(Date.now() + 60 * 60_000)),
            act(texts.tomorrow, BellOff, () => quieten(tomorrow(Date.now()))),
          ]
        : [act(texts.off, Bell, () => quieten(null))]),
      { kind: 'line' },
    ],
  };
};
