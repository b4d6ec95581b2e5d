import { ApiError } from '@parley-chat/client';
import { act, cleanup, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { draw, fakeClient, message, room, state } from './testing';
import { useJump, useTarget } from './useJump';
import * as scroll from './useScroll';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  history.replaceState(null, '', '/');
});

const entries = [message({ id: 'near', key: 'near' })];

function Probe({ entered = false }: { entered?: boolean }) {
  const { seeking, lost } = useJump('general', useTarget('general'), entries, entered);
  return (
    <p>
      {seeking ? 'seeking' : 'here'} {lost?.text}
    </p>
  );
}

const client = () => fakeClient(state({ rooms: { general: room({ entries }) } }));

describe('the message that a room is entered at', () => {
  it('is the one that the address names', async () => {
    history.replaceState(null, '', '/rooms/general/far');
    const parley = client();
    let arrive = () => {};
    parley.as.jump = vi.fn(() => new Promise<void>((resolve) => (arrive = resolve)));
    draw(parley, <Probe />);
    expect(parley.as.jump).toHaveBeenCalledExactlyOnceWith('general', 'far');
    expect(screen.getByText('seeking')).toBeDefined();
    await act(async () => arrive());
    expect(screen.getByText('here')).toBeDefined();
  });

  it('is where it was left, if the list has been cut meanwhile; otherwise nothing is asked for', async () => {
    const place = (id: string) => ({ key: id, id, offset: 3, awayFrom: 7 });
    vi.spyOn(scroll, 'placeOf').mockReturnValue(place('cut off'));
    const parley = client();
    parley.as.jump = vi.fn(async () => {});
    draw(parley, <Probe />);
    expect(parley.as.jump).toHaveBeenCalledExactlyOnceWith('general', 'cut off');
    await screen.findByText('here');

    cleanup();
    const again = client();
    again.as.jump = vi.fn(async () => {});
    draw(again, <Probe entered />);
    vi.spyOn(scroll, 'placeOf').mockReturnValue(place('near'));
    draw(again, <Probe />);
    expect(again.as.jump).not.toHaveBeenCalled();
  });

  it('is the end, with words, if there is no such message', async () => {
    history.replaceState(null, '', '/rooms/general/none');
    const parley = client();
    parley.as.jump = vi.fn(async () => {
      throw new ApiError('there is no such message in this room', 'not_found', 404);
    });
    draw(parley, <Probe />);
    expect((await screen.findByText(/There is no such message/)).textContent).toMatch(/^here/);
    expect(location.pathname).toBe('/rooms/general');
  });
});
