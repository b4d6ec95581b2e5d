import { Button, Card } from '../ui';
import { useParley } from './client';
import { signInAddress, useHost } from './host';
import { href } from './router';

/** The session ended while the page was open. What was on screen is kept out of sight until somebody signs in again. */
export function Ended() {
  const ended = useParley((state) => state.ended);
  const guest = useParley((state) => state.me?.kind === 'guest');
  const host = useHost();
  const again = (host && signInAddress(host)) ?? href(guest ? '/guest' : '/signin');
  return (
    <Card
      title="You have been signed out"
      sub={
        host
          ? `Your session at ${location.host} has ended. Sign in there again to go on in the same room.`
          : ended?.code === 4002
            ? 'This session was ended: from another device, by a new password, or because the account was disabled.'
            : 'This session has ended. Sign in again to go on in the same room.'
      }
    >
      <Button variant="main" block autoFocus onClick={() => location.assign(again)}>
        Sign in again
      </Button>
    </Card>
  );
}
