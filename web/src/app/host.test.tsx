import { act, render, screen } from '@testing-library/react';
import { lazy, Suspense } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AccountBar } from '../chat/AccountBar';
import { draw, fakeClient } from '../chat/testing';
import { app } from '../text/app';
import { AtHost } from './AtHost';
import { learnHost, mayGo, signInAddress, useHost } from './host';

afterEach(() => {
  learnHost({ accounts: 'own' });
  sessionStorage.clear();
});

function Shown() {
  return <p>{useHost()?.signIn ?? 'own'}</p>;
}

describe('the address to sign in at', () => {
  it('has the way back, and leads to pages alone', () => {
    expect(signInAddress({ signIn: '/login?a=b#c' }, '/chat/rooms/x y')).toBe(
      `${location.origin}/login?a=b&next=%2Fchat%2Frooms%2Fx+y#c`,
    );
    expect(signInAddress({ signIn: 'https://id.example/in' }, '/')).toBe('https://id.example/in?next=%2F');
    expect(signInAddress({ signIn: 'javascript:alert(1)' }, '/')).toBeNull();
    expect(signInAddress({ signIn: null }, '/')).toBeNull();
  });

  it('is not gone to again and again', () => {
    expect(mayGo(1_000_000)).toBe(true);
    expect(mayGo(1_005_000)).toBe(false);
    expect(mayGo(1_010_001)).toBe(true);
    expect(mayGo(900_000)).toBe(true); // the clock was set back
  });
});

describe('whoever is not signed in', () => {
  it('is sent to the site, also when what was rendered first came to nothing', async () => {
    const go = vi.fn();
    vi.stubGlobal('location', { ...location, origin: 'http://site.test', host: 'site.test', replace: go });
    try {
      const Late = lazy(async () => ({ default: () => <p>late</p> }));
      render(
        <Suspense fallback={null}>
          <AtHost host={{ signIn: '/login' }} back="/rooms/help" />
          <Late />
        </Suspense>,
      );
      await screen.findByText('late');
      expect(go).toHaveBeenCalledExactlyOnceWith('http://site.test/login?next=%2Frooms%2Fhelp');
      expect(screen.queryByText(app.notSignedIn)).toBeNull();
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('what is known of the site', () => {
  it('reaches whoever asks, whenever it comes', () => {
    render(<Shown />);
    screen.getByText('own');
    act(() => void learnHost({ accounts: 'host', sign_in_url: '/login' }));
    screen.getByText('/login');
  });

  it('takes signing out of the menu', async () => {
    draw(fakeClient(), <AccountBar onOver={() => {}} />);
    screen.getByRole('button', { name: 'Your account' }).click();
    await screen.findByRole('menuitem', { name: 'Sign out' });
    act(() => void learnHost({ accounts: 'host' }));
    expect(screen.queryByRole('menuitem', { name: 'Sign out' })).toBeNull();
    screen.getByRole('menuitem', { name: 'Settings' });
  });
});
