// Times as people say them. Dates are British English, as the page is; the time zone is the reader's.

import { entry } from '../text/entry';

const texts = entry.when;

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ms milliseconds are, rounded down: "24 minutes", "6 days", "less than a minute". */
export function span(ms: number): string {
  if (ms < minute) return texts.underMinute;
  if (ms < hour) return texts.minutes(Math.floor(ms / minute));
  if (ms < 2 * day) return texts.hours(Math.floor(ms / hour));
  return texts.days(Math.floor(ms / day));
}

/** How long ago the time was: "just now", "5 minutes ago". */
export function ago(time: number, now: number): string {
  return now - time < minute ? texts.justNow : texts.ago(span(now - time));
}

/** A day in the coming or past week by its name, else by its date, with the year when it is another: "Friday 27 November". */
export function dayOf(time: number, now: number, timeZone?: string): string {
  const options: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long', timeZone };
  const year = new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone });
  if (year.format(time) !== year.format(now)) options.year = 'numeric';
  return new Intl.DateTimeFormat('en-GB', options).format(time);
}

/** A point in time to the minute: "27 November 2026 at 14:05". */
export function minuteOf(time: number, timeZone?: string): string {
  const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone });
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
  return texts.minuteOf(date.format(time), clock.format(time));
}
