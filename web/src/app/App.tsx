import { lazy, Suspense, useEffect } from 'react';
import { Chat } from '../chat/Chat';
import { useAttention } from '../notify';
import { Button, Card } from '../ui';
import { Delayed } from '../ui/Delayed';
import { AtHost } from './AtHost';
import { useParley } from './client';
import { Ended } from './Ended';
import { useHost, wayBack } from './host';
import { useAskBeforeLeaving } from './leaving';
import { linkTo, navigate, routeOf, usePath } from './router';
import { lastRoom, useHue, useSession } from './session';

const EntryScreens = lazy(() => import('../entry').then((m) => ({ default: m.EntryScreens })));
const Settings = lazy(() => import('../settings').then((m) => ({ default: m.Settings })));

/** Entry screens that somebody who is signed in has no use for. */
const past = new Set(['/signin', '/guest']);

export function App() {
  const path = usePath();
  const route = routeOf(path);
  const { session, retry } = useSession(path);
  const signedOut = useParley((state) => state.status === 'signed_out');
  const room = route.kind === 'chat' ? route.room : null;
  const host = useHost();
  useHue();
  useAskBeforeLeaving();
  useAttention(session.kind === 'in' && !signedOut && route.kind !== 'entry', room);

  useEffect(() => {
    if (session.kind === 'out' && route.kind !== 'entry') {
      if (room) {
        lastRoom.set(room);
      }
      navigate('/signin', { replace: true });
    } else if (session.kind === 'in' && (past.has(path) || (host !== null && route.kind === 'entry'))) {
      navigate('/', { replace: true });
    }
  }, [session.kind, route.kind, path, room, host]);

  if (session.kind === 'host') {
    return <AtHost host={session.host} back={wayBack(route.kind === 'entry')} />;
  }
  if (session.kind === 'unset' && !mayEnter(session, path)) {
    return <NotSetUp {...session} />;
  }
  if (route.kind === 'entry') {
    return (
      <Suspense fallback={<Waiting />}>
        <EntryScreens path={route.path} />
      </Suspense>
    );
  }
  switch (session.kind) {
    case 'failed':
      return <Unreachable message={session.message} retry={retry} />;
    case 'in':
      break;
    default:
      return <Waiting />;
  }
  if (signedOut) {
    return <Ended />;
  }
  if (route.kind === 'settings') {
    return (
      <Suspense fallback={<Waiting />}>
        <Settings tab={route.tab} />
      </Suspense>
    );
  }
  return <Chat room={route.room} />;
}

function Waiting() {
  return (
    <Delayed>
      <Card title="Parley" sub="Loading…" sign="parley" />
    </Delayed>
  );
}

interface Unset {
  guests: boolean;
  open: boolean;
}

/** What is open to a visitor of a server on which nobody has an account yet. */
function mayEnter({ guests, open }: Unset, path: string): boolean {
  return path.startsWith('/setup') || (guests && path === '/guest') || (open && path.startsWith('/join'));
}

function NotSetUp({ guests, open }: Unset) {
  return (
    <Card
      title="Not set up yet"
      sign="parley"
      sub="This server has not been set up yet: open the link it printed at its start."
    >
      <p>The link is good for 30 minutes. Start the server again to get a new one.</p>
      {open && (
        <p>
          <a {...linkTo('/join')}>Create the first account</a>, which will be the owner’s.
        </p>
      )}
      {guests && (
        <p>
          <a {...linkTo('/guest')}>Look around as a guest</a>
        </p>
      )}
    </Card>
  );
}

function Unreachable({ message, retry }: { message: string; retry: () => void }) {
  return (
    <Card
      title="Parley cannot be reached"
      sign="parley"
      sub={`It was asked who you are, and this came back: ${message}.`}
    >
      <Button variant="main" block onClick={retry}>
        Try again
      </Button>
    </Card>
  );
}
