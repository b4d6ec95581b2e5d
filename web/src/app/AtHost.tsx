import { useEffect, useState } from 'react';
import { Button, Card } from '../ui';
import { Delayed } from '../ui/Delayed';
import { type Host, mayGo, signInAddress } from './host';

/** Sends whoever is not signed in to the site that knows them, or says why not. */
export function AtHost({ host, back }: { host: Host; back: string }) {
  const address = signInAddress(host, back);
  const [going] = useState(() => address !== null && mayGo());
  useEffect(() => {
    if (going && address !== null) location.replace(address);
  }, [going, address]);
  if (going) {
    return (
      <Delayed>
        <Card title="Parley" sub="Taking you to sign in…" sign="parley" />
      </Delayed>
    );
  }
  return (
    <Card
      title="You are not signed in"
      sign="parley"
      sub={`This chat is part of ${location.host}: sign in there first.`}
    >
      {address === null ? (
        <Button variant="main" block onClick={() => location.reload()}>
          Try again
        </Button>
      ) : (
        <Button variant="main" block autoFocus onClick={() => location.assign(address)}>
          Sign in
        </Button>
      )}
    </Card>
  );
}
