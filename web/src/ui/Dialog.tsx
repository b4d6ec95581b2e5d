import { lazy, type ReactNode, type RefObject, Suspense } from 'react';

const load = () => import('./DialogWindow');
const DialogWindow = lazy(load);

/** Fetches the dialog's code, so that the first one opens at once, and also without a connection. */
export const preloadDialog = () => void load().catch(() => {}); // it is tried again when it is needed

export interface DialogProps {
  open: boolean;
  /** Called when it is closed by Esc, by a press outside or by its close button. */
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at its end, the main one last. */
  actions?: ReactNode;
  /** What gets the focus; else the first field or button. */
  initialFocus?: RefObject<HTMLElement | null>;
  /** What gets the focus when it closes; null, or left out: what had it before. */
  finalFocus?: () => HTMLElement | null;
  size?: 's' | 'm';
}

/** A window over the page that holds the focus; closed, the focus goes back to where it was. */
export function Dialog(props: DialogProps) {
  return <Suspense fallback={null}>{props.open && <DialogWindow {...props} />}</Suspense>;
}
