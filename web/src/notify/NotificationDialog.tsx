import { notify as text } from '../text/notify';
import { Button, Dialog } from '../ui';
import { NotificationSettings } from './NotificationSettings';

interface NotificationDialogProps {
  onClose: () => void;
  /** What gets the focus when it closes. */
  finalFocus: () => HTMLElement | null;
}

/** The choice of notifications, over the chat. */
export function NotificationDialog({ onClose, finalFocus }: NotificationDialogProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      finalFocus={finalFocus}
      title={text.title}
      actions={
        <Button variant="main" onClick={onClose}>
          {text.done}
        </Button>
      }
    >
      <NotificationSettings />
    </Dialog>
  );
}
