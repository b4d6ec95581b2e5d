import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { choose, chosenLevel, level, permission } from './choice';

/** A browser that has said this, and answers that when it is asked. */
function browser(now: NotificationPermission, answer: NotificationPermission = now) {
  const Notification = {
    permission: now,
    requestPermission: vi.fn(async () => {
      Notification.permission = answer;
      return answer;
    }),
  };
  vi.stubGlobal('Notification', Notification);
  return Notification;
}

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal('isSecureContext', true);
});
afterEach(() => vi.unstubAllGlobals());

it('tells of nothing before somebody has chosen, and asks the browser only then', async () => {
  const api = browser('default', 'granted');
  expect([chosenLevel(), level(), permission()]).toEqual(['off', 'off', 'default']);
  expect(await choose('off')).toBe('default');
  expect(api.requestPermission).not.toHaveBeenCalled();
  expect(await choose('all')).toBe('granted');
  expect(await choose('mentions')).toBe('granted');
  expect(api.requestPermission).toHaveBeenCalledOnce();
  expect(level()).toBe('mentions');
});

it('changes nothing when the browser is told no, or nothing', async () => {
  const api = browser('default', 'denied');
  expect(await choose('all')).toBe('denied');
  expect(chosenLevel()).toBe('off');
  expect(await choose('all')).toBe('denied');
  expect(api.requestPermission).toHaveBeenCalledOnce();
  browser('default');
  expect(await choose('all')).toBe('default');
  expect(chosenLevel()).toBe('off');
});

it('tells of nothing while the browser does not let it, whatever was chosen', async () => {
  browser('granted');
  await choose('all');
  browser('denied');
  expect([chosenLevel(), level()]).toEqual(['all', 'off']);
  vi.stubGlobal('Notification', undefined);
  expect([permission(), level()]).toEqual(['unsupported', 'off']);
  vi.stubGlobal('isSecureContext', false);
  expect(permission()).toBe('insecure');
});
