import { type ComponentType, lazy, Suspense } from 'react';
import { closePanel, type Panel, usePanel } from './panel';

const loadPeople = () => import('./PeoplePanel').then((m) => ({ default: m.PeoplePanel }));

/** Fetches the code of the panel that opens most often, so that it is there at once, also without a connection. */
export const preloadPanels = () => void loadPeople().catch(() => {}); // it is tried again when it is needed

export interface PanelProps {
  /** The room on screen. */
  room: string;
  /** Something lies over it. */
  inert: boolean;
  onClose: () => void;
}

/** Those that need no more than the room; what is not here yet is not offered. */
const panels: { readonly [K in Panel['kind']]?: ComponentType<PanelProps> } = {
  people: lazy(loadPeople),
};

/** The panel at the right of the room, if one is open. */
export function Panels({ room, inert }: Omit<PanelProps, 'onClose'>) {
  const shown = usePanel();
  const Shown = shown && panels[shown.kind];
  return Shown ? (
    <Suspense fallback={null}>
      <Shown room={room} inert={inert} onClose={closePanel} />
    </Suspense>
  ) : null;
}
