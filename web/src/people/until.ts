const minute = 60_000;
const hour = 60 * minute;

/** How long something stands that is chosen in words. */
export type Lasts = 'half' | 'hour' | 'four' | 'today' | 'week' | 'never';

/** When it ends, in milliseconds since 1970, by this device's days and weeks, which begin on Monday; null: not by itself. */
export function endOf(lasts: Lasts, now: number): number | null {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  switch (lasts) {
    case 'half':
      return now + 30 * minute;
    case 'hour':
      return now + hour;
    case 'four':
      return now + 4 * hour;
    case 'today':
      return day.setDate(day.getDate() + 1);
    case 'week':
      return day.setDate(day.getDate() + 7 - ((day.getDay() + 6) % 7));
    case 'never':
      return null;
  }
}

/** Tomorrow morning, when a day's work begins. */
export function tomorrow(now: number): number {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() + 1);
  return day.setHours(8);
}
