import { common } from '../../text/common';
import { threads } from '../../text/threads';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';

const words = threads.reach;

interface ReachProps {
  /** @here or @room, and how many others that names. */
  sign: string;
  count: number;
  room: string;
  onSend: () => void;
  onClose: () => void;
  finalFocus: () => HTMLElement | null;
}

/** Asks before a message goes to many. */
export function Reach({ sign, count, room, onSend, onClose, finalFocus }: ReachProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title(count)}
      description={words.text(sign, room, count)}
      finalFocus={finalFocus}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button variant="main" onClick={onSend}>
            {words.send}
          </Button>
        </>
      }
    >
      {null}
    </Dialog>
  );
}
