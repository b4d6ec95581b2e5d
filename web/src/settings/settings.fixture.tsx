import { routeOf, usePath } from '../app/router';
import { Settings } from '.';

/** The settings as the address says, as the page shows them. */
export function App() {
  const route = routeOf(usePath());
  return route.kind === 'settings' ? <Settings tab={route.tab} /> : null;
}
