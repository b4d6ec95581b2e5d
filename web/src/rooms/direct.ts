import type { Client } from '@parley-chat/client';
import { navigate, roomPath } from '../app/router';

/** Goes to the conversation with some people, which begins if there is none yet. Rejects with an ApiError. */
export async function openDirect(client: Client, users: readonly string[]): Promise<void> {
  const { rest } = await import('@parley-chat/client/rest');
  const room = await rest(client).direct(users);
  navigate(roomPath(room.name));
}
