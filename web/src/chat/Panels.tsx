import { type ComponentType, lazy, Suspense } from 'react';
import { closePanel, type Panel, usePanel } from './panel';

const Thread = lazy(() => import('../threads/ThreadPanel').then((m) => ({ default: m.ThreadPanel })));

const loadPeople = () => import('./PeoplePanel').then((m) => ({ default: m.PeoplePanel }));

/** Fetches the code of the panel that opens most often, so that it is there at once, also without a connection. */
export const preloadPanels = () => void loadPeople().catch(() => {}); // it is tried again when it is needed

export interface PanelProps {
  /** The room on screen; '' where none is. */
  room: string;
  /** Something lies over it. */
  inert: boolean;
  onClose: () => void;
}

/** Those that need no more than the room; what is not here yet is not offered. */
const panels: { readonly [K in Panel['kind']]?: ComponentType<PanelProps> } = {
  people: lazy(loadPeople),
  details: lazy(() => import('../rooms/DetailsPanel').then((m) => ({ default: m.DetailsPanel }))),
  pins: lazy(() => import('./changes/PinsPanel').then((m) => ({ default: m.PinsPanel }))),
  threads: lazy(() => import('../threads/Inbox').then((m) => ({ default: m.Inbox }))),
  mentions: lazy(() => import('../threads/Mentions').then((m) => ({ default: m.Mentions }))),
  saved: lazy(() => import('../threads/Saved').then((m) => ({ default: m.Saved }))),
};

/** Those that are about the room on screen. */
const ofRoom: ReadonlySet<Panel['kind']> = new Set(['people', 'details', 'pins', 'thread']);

/** The panel at the right of the room, if one is open. */
export function Panels({ room, inert }: Omit<PanelProps, 'onClose'>) {
  const shown = usePanel();
  if (shown === null || (ofRoom.has(shown.kind) && room === '') || (shown.kind === 'thread' && shown.room !== room)) {
    return null;
  }
  if (shown.kind === 'thread') {
    return (
      <Suspense fallback={null}>
        <Thread key={shown.root} room={room} root={shown.root} inert={inert} />
      </Suspense>
    );
  }
  const Shown = panels[shown.kind];
  return Shown ? (
    <Suspense fallback={null}>
      <Shown room={room} inert={inert} onClose={closePanel} />
    </Suspense>
  ) : null;
}
