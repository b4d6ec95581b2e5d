import type { LucideIcon } from 'lucide-react';

/** A line icon beside a word, or in a button that has a name of its own: it is hidden from screen readers. */
export function Icon({ of: Shape, size = 18, className }: { of: LucideIcon; size?: number; className?: string }) {
  return <Shape aria-hidden="true" focusable="false" size={size} strokeWidth={1.75} className={className} />;
}
