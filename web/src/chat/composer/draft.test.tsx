import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { ClientProvider } from '../../app/client';
import { fakeClient, state } from '../testing';
import { useDraft } from './draft';

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

function draft(client = fakeClient(), room = 'general') {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <ClientProvider client={client.as}>{children}</ClientProvider>
  );
  return renderHook(() => useDraft(room), { wrapper });
}
const write = (hook: ReturnType<typeof draft>, text: string) => act(() => hook.result.current[1](text));

it('is what the client has, and goes to it', () => {
  const client = fakeClient(state({ drafts: { general: 'begun' } }));
  const hook = draft(client);
  expect(hook.result.current[0]).toBe('begun');
  write(hook, 'begun and\nwent on');
  expect(client.setDraft).toHaveBeenCalledWith('general', 'begun and\nwent on');
  expect(hook.result.current[0]).toBe('begun and\nwent on');
  act(() => client.set(state({ drafts: { general: 'from another tab' } })));
  expect(hook.result.current[0]).toBe('from another tab');
});

it('survives a reload, before the client has read what it keeps', () => {
  write(draft(), 'half a\nthought');
  const client = fakeClient();
  expect(draft(client).result.current[0]).toBe('half a\nthought');
  expect(client.setDraft).toHaveBeenCalledExactlyOnceWith('general', 'half a\nthought');
  expect(draft(fakeClient(), 'help').result.current[0]).toBe('');
});

it('that another tab has written on, or sent, does not come back from this one', () => {
  vi.useFakeTimers();
  try {
    write(draft(), 'half a thought');
    const mine = sessionStorage.getItem('parley.draft.u-ann.general');
    expect(mine).toContain('half a thought');
    vi.advanceTimersByTime(1000);
    write(draft(), ''); // as it was sent
    sessionStorage.setItem('parley.draft.u-ann.general', mine ?? ''); // each tab has its own
    expect(draft().result.current[0]).toBe('');
  } finally {
    vi.useRealTimers();
  }
});

it('of somebody else on the same computer is not shown', () => {
  write(draft(), 'a secret of ann');
  const bob = state();
  expect(draft(fakeClient({ ...bob, me: bob.me && { ...bob.me, id: 'u-bob' } })).result.current[0]).toBe('');
});
