// The pages before the chat: set-up, sign-in, joining and guest entry.

import type { RestWorkspace } from '@parley-chat/client';
import { useEffect } from 'react';
import { useApi } from '../app/api';
import { common } from '../text/common';
import { entry as texts } from '../text/entry';
import { Button } from '../ui/Button';
import { Card } from '../ui/Card';
import { FormError, Notice } from './FormParts';
import { Guest } from './Guest';
import { Join } from './Join';
import { useLoad } from './load';
import { textOf } from './problem';
import { Setup } from './Setup';
import { SignIn } from './SignIn';
import { Waiting } from './Waiting';

export { InviteDialog } from './InviteDialog';

/** The page at an entry path: /setup, /signin, /join/CODE or /guest. */
export function EntryScreens({ path }: { path: string }) {
  const api = useApi();
  const workspace = useLoad('workspace', () => api.workspace());
  if (workspace.data?.accounts === 'host') return <Waiting />; // the site has the forms, and the page goes there
  if (workspace.data !== null) return <Screen key={path} path={path} workspace={workspace.data} />;
  if (workspace.error === null) return <Waiting />;
  return (
    <Card sign="parley" title={texts.screens.unreachable}>
      <Notice>
        <FormError text={textOf(workspace.error)} />
        <Button block onClick={workspace.again}>
          {common.tryAgain}
        </Button>
      </Notice>
    </Card>
  );
}

function Screen({ path, workspace }: { path: string; workspace: RestWorkspace }) {
  const [first = '', second = ''] = path.split('/').filter(Boolean);
  useTitle(texts.screens.titleAt(titles[first] ?? texts.screens.titles.signIn, workspace.name));
  switch (first) {
    case 'setup':
      return <Setup workspace={workspace} />;
    case 'join':
      return <Join workspace={workspace} code={second} />;
    case 'guest':
      return <Guest workspace={workspace} />;
    default:
      return <SignIn workspace={workspace} />;
  }
}

const titles: Record<string, string> = texts.screens.titles;

function useTitle(title: string) {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
