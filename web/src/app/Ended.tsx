import { app } from '../text/app';
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
      title={app.signedOut}
      sub={host ? app.endedAt(location.host) : ended?.code === 4002 ? app.endedElsewhere : app.ended}
    >
      <Button variant="main" block autoFocus onClick={() => location.assign(again)}>
        {app.signInAgain}
      </Button>
    </Card>
  );
}
