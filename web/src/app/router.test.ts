import { afterEach, describe, expect, it } from 'vitest';
import { href, messagePath, navigate, pathOf, roomPath, routeOf } from './router';

describe('paths', () => {
  const serve = (folder: string) => document.querySelector('base')?.setAttribute('href', folder);
  afterEach(() => {
    serve('/');
    history.replaceState(null, '', '/');
  });

  it('lie below the folder of the page', () => {
    serve('/chat/');
    expect(href('/rooms/general')).toBe('/chat/rooms/general');
    expect(pathOf('/chat/rooms/general')).toBe('/rooms/general');
    expect(pathOf('/elsewhere')).toBe('/');
    navigate('/signin');
    expect(location.pathname).toBe('/chat/signin');
  });

  it('are those of the host without one', () => {
    serve('/');
    expect(href('/')).toBe('/');
    expect(pathOf('/settings')).toBe('/settings');
  });
});

describe('routes', () => {
  it('say what is shown', () => {
    expect(routeOf('/')).toEqual({ kind: 'chat', room: null });
    expect(routeOf('/rooms/general')).toEqual({ kind: 'chat', room: 'general' });
    expect(routeOf(roomPath('a b'))).toEqual({ kind: 'chat', room: 'a b' });
    expect(routeOf('/rooms/general/an-id')).toEqual({ kind: 'chat', room: 'general', message: 'an-id' });
    expect(routeOf(messagePath('a b', 'c/d'))).toEqual({ kind: 'chat', room: 'a b', message: 'c/d' });
    expect(routeOf('/rooms/%E0')).toEqual({ kind: 'chat', room: '%E0' });
    expect(routeOf('/join/CODE')).toEqual({ kind: 'entry', path: '/join/CODE' });
    expect(routeOf('/settings')).toEqual({ kind: 'settings', tab: 'profile' });
    expect(routeOf('/settings/audit')).toEqual({ kind: 'settings', tab: 'audit' });
  });
});
