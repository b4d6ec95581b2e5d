import { timeline } from '../text/timeline';

/** Days as the reader's calendar has them: they begin at local midnight, also where the clocks change. */

/** A number that is the same for all moments of one local day and grows from day to day. */
export function dayOf(time: number): number {
  const d = new Date(time);
  return d.getFullYear() * 10_000 + (d.getMonth() + 1) * 100 + d.getDate();
}

/** The moment at which the next local day begins. */
export function nextDay(time: number): number {
  const d = new Date(time);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1).getTime();
}

const withYear = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const withoutYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** "Today", "Yesterday", "Tuesday 3 June", with the year if it is not the present one. */
export function dayLabel(time: number, now: number): string {
  const day = dayOf(time);
  const today = new Date(now);
  if (day === dayOf(now)) {
    return timeline.today;
  }
  // The day before, by the calendar: a day may have 23 or 25 hours.
  if (day === dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1).getTime())) {
    return timeline.yesterday;
  }
  return (new Date(time).getFullYear() === today.getFullYear() ? withoutYear : withYear).format(time);
}

/** Hours and minutes, as the reader's language writes them. */
export function clockTime(time: number): string {
  return clock.format(time);
}

/** Hours and minutes without "AM" or "PM", for a narrow column. */
export function shortClockTime(time: number): string {
  return clock
    .formatToParts(time)
    .map((part) => (part.type === 'dayPeriod' ? '' : part.value))
    .join('')
    .trim();
}

/** The whole moment, for whoever points at a time. */
export function fullTime(time: number): string {
  return moment.format(time);
}

const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** When something was, in few words: the time of today, else the day. */
export function lately(time: number, now = Date.now()): string {
  return dayOf(time) === dayOf(now) ? clock.format(time) : date.format(time);
}
