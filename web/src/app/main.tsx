import '../ui/tokens.css';
import '../ui/base.css';
import { createClient } from '@parley-chat/client';
import { past } from '@parley-chat/client/past';
import { presence } from '@parley-chat/client/presence';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { ClientProvider } from './client';
import { ErrorBoundary } from './ErrorBoundary';
import { keeping } from './keeping';
import { applyTheme } from './theme';

applyTheme();

const client = createClient({ base: document.baseURI, offline: keeping(() => import('@parley-chat/client/offline')) });
presence(client);
past(client);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>
        <ClientProvider client={client}>
          <App />
        </ClientProvider>
      </ErrorBoundary>
    </StrictMode>,
  );
}
