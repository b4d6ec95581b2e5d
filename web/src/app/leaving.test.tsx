import { describe, expect, it } from 'vitest';
import { draw, fakeClient, state } from '../chat/testing';
import { useAskBeforeLeaving } from './leaving';

function Page() {
  useAskBeforeLeaving();
  return null;
}

/** Whether the browser would ask. */
function asks(over: Parameters<typeof state>[0], unsaved = true): boolean {
  const client = fakeClient(state(over));
  client.unsaved.mockReturnValue(unsaved);
  const { unmount } = draw(client, <Page />);
  const event = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(event);
  unmount();
  return event.defaultPrevented;
}

describe('leaving the page', () => {
  it('is asked about while a message waits for the connection in memory alone', () => {
    expect(asks({ status: 'disconnected' })).toBe(true);
    expect(asks({ status: 'disconnected' }, false)).toBe(false);
    expect(asks({ status: 'connected' })).toBe(false);
    expect(asks({ status: 'signed_out' })).toBe(false);
    expect(asks({ status: 'disconnected', ended: { code: 401, reason: '' } })).toBe(false);
  });
});
