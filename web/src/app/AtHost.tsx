import { useEffect, useRef, useState } from 'react';
import { app } from '../text/app';
import { common } from '../text/common';
import { Button, Card } from '../ui';
import { Delayed } from '../ui/Delayed';
import { type Host, mayGo, signInAddress } from './host';

/** Sends whoever is not signed in to the site that knows them, or says why not. */
export function AtHost({ host, back }: { host: Host; back: string }) {
  const address = signInAddress(host, back);
  const [going, setGoing] = useState(address !== null);
  const gone = useRef(false);
  // Not while it is rendered, which may be done again before anything comes of it.
  useEffect(() => {
    if (address === null || gone.current) return;
    gone.current = mayGo();
    if (gone.current) location.replace(address);
    else setGoing(false);
  }, [address]);
  if (going) {
    return (
      <Delayed>
        <Card title={app.name} sub={app.goingToSignIn} sign="parley" />
      </Delayed>
    );
  }
  return (
    <Card title={app.notSignedIn} sign="parley" sub={app.signInAtFirst(location.host)}>
      {address === null ? (
        <Button variant="main" block onClick={() => location.reload()}>
          {common.tryAgain}
        </Button>
      ) : (
        <Button variant="main" block autoFocus onClick={() => location.assign(address)}>
          {app.signIn}
        </Button>
      )}
    </Card>
  );
}
