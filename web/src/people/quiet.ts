import type { Preferences } from '@parley-chat/client/people';

/** Minutes of a day at a moment, by the clock of a time zone; null where the browser does not know the zone. */
function minutesIn(zone: string, at: number): number | null {
  try {
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    return minutesOf(clock.format(at));
  } catch {
    return null;
  }
}

const day = 24 * 60;

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Whether somebody does not want to be disturbed now. */
export function isQuiet(preferences: Preferences | null, now: number): boolean {
  const { until, schedule } = preferences?.dnd ?? {};
  if (until !== undefined && Date.parse(until) > now) {
    return true;
  }
  const at = schedule && minutesIn(schedule.zone, now);
  if (at == null || !schedule) {
    return false;
  }
  const [from, to] = [minutesOf(schedule.from), minutesOf(schedule.to)];
  return from < to ? from <= at && at < to : at >= from || at < to;
}

/** Until when somebody has said, by the menu and not by the hours of each day, that they do not want to be disturbed; null: they have not. */
export function quietUntil(preferences: Preferences | null, now: number): number | null {
  const until = Date.parse(preferences?.dnd.until ?? '');
  return until > now ? until : null;
}

/** When isQuiet may say something else, in milliseconds since 1970; null: not by itself. */
export function changesAt(preferences: Preferences | null, now: number): number | null {
  const { until, schedule } = preferences?.dnd ?? {};
  const times: number[] = [];
  if (until !== undefined && Date.parse(until) > now) {
    times.push(Date.parse(until));
  }
  const at = schedule && minutesIn(schedule.zone, now);
  if (at != null && schedule) {
    const minute = now - (now % 60_000);
    for (const edge of [schedule.from, schedule.to]) {
      times.push(minute + (((minutesOf(edge) - at - 1 + 2 * day) % day) + 1) * 60_000);
    }
  }
  return times.length > 0 ? Math.min(...times) : null;
}
