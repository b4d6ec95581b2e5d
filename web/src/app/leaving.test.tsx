import { describe, expect, it } from 'vitest';
import { draw, fakeClient, message, room, state } from '../chat/testing';
import { useAskBeforeLeaving } from './leaving';

const waiting = { general: room({ entries: [message(), message({ state: 'pending', seq: null })] }) };
const quiet = { general: room({ entries: [message()] }) };

function Page() {
  useAskBeforeLeaving();
  return null;
}

/** Whether the browser would ask. */
function asks(over: Parameters<typeof state>[0]): boolean {
  const { unmount } = draw(fakeClient(state(over)), <Page />);
  const event = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(event);
  unmount();
  return event.defaultPrevented;
}

describe('leaving the page', () => {
  it('is asked about while a message waits for the connection', () => {
    expect(asks({ status: 'disconnected', rooms: waiting })).toBe(true);
    expect(asks({ status: 'disconnected', rooms: quiet })).toBe(false);
    expect(asks({ status: 'connected', rooms: waiting })).toBe(false);
    expect(asks({ status: 'signed_out', rooms: waiting })).toBe(false);
    expect(asks({ status: 'disconnected', rooms: waiting, ended: { code: 401, reason: '' } })).toBe(false);
  });
});
