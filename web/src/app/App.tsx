import { lazy, Suspense, useEffect } from 'react';
import { Chat } from '../chat/Chat';
import { useAttention } from '../notify';
import { useLivePeople } from '../people/live';
import { app } from '../text/app';
import { common } from '../text/common';
import { Button, Card } from '../ui';
import { Delayed } from '../ui/Delayed';
import { useParley } from './client';
import { Ended } from './Ended';
import { useHost, wayBack } from './host';
import { useAskBeforeLeaving } from './leaving';
import { linkTo, navigate, routeOf, usePath } from './router';
import { useForgetting, useHue, useSession, wanted } from './session';

const AtHost = lazy(() => import('./AtHost').then((m) => ({ default: m.AtHost })));
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
  useForgetting();
  useLivePeople(session.kind === 'in' && !signedOut);
  useAttention(session.kind === 'in' && !signedOut && route.kind !== 'entry', room);

  useEffect(() => {
    if (session.kind === 'out' && route.kind !== 'entry') {
      if (path !== '/') {
        wanted.set(path);
      }
      navigate('/signin', { replace: true });
    } else if (session.kind === 'in') {
      const way = wanted.take();
      if (past.has(path) || (host !== null && route.kind === 'entry') || (way !== null && path === '/')) {
        navigate(way ?? '/', { replace: true });
      }
    }
  }, [session.kind, route.kind, path, host]);

  if (session.kind === 'host') {
    return (
      <Suspense fallback={null}>
        <AtHost host={session.host} back={wayBack(route.kind === 'entry')} />
      </Suspense>
    );
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
  return <Chat room={route.room} catchUp={route.catchUp === true} />;
}

function Waiting() {
  return (
    <Delayed>
      <Card title={app.name} sub={common.loading} sign="parley" />
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
    <Card title={app.notSetUp} sign="parley" sub={app.openTheLink}>
      <p>{app.linkLife}</p>
      {open && (
        <p>
          <a {...linkTo('/join')}>{app.createFirst}</a>
          {app.createFirstAfter}
        </p>
      )}
      {guests && (
        <p>
          <a {...linkTo('/guest')}>{app.lookAround}</a>
        </p>
      )}
    </Card>
  );
}

function Unreachable({ message, retry }: { message: string; retry: () => void }) {
  return (
    <Card title={app.unreachable} sign="parley" sub={app.asked(message)}>
      <Button variant="main" block onClick={retry}>
        {common.tryAgain}
      </Button>
    </Card>
  );
}
