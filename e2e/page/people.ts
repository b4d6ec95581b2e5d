import { type APIRequestContext, type BrowserContext, expect } from '@playwright/test';
import { Chat } from './chat.ts';
import type { Server } from './server.ts';

export interface Invitation {
  id: string;
  code: string;
  url: string;
}

/** Somebody with a browser of their own. What they do over `api` has the browser's cookies. */
export class Person {
  constructor(
    readonly name: string,
    readonly password: string,
    readonly server: Server,
    readonly context: BrowserContext,
  ) {}

  get api(): APIRequestContext {
    return this.context.request;
  }

  /** Opens a tab and waits until it is connected. */
  async opens(room = 'general'): Promise<Chat> {
    const chat = new Chat(await this.context.newPage());
    await chat.page.goto(`/rooms/${room}`);
    await chat.showsRoom(room);
    await chat.connected();
    return chat;
  }

  async invites(options: { max_uses?: number; expires_in?: number } = {}): Promise<Invitation> {
    return this.post('/api/invites', options);
  }

  /** Says something over REST. */
  async says(room: string, content: string): Promise<void> {
    await this.post('/api/messages', { room, content });
  }

  async post<T>(path: string, data: object): Promise<T> {
    const answer = await this.api.post(path, { data });
    expect(answer.ok(), `POST ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return answer.status() === 204 ? (undefined as T) : answer.json();
  }

  async put<T>(path: string, data: object): Promise<T> {
    const answer = await this.api.put(path, { data });
    expect(answer.ok(), `PUT ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return answer.status() === 204 ? (undefined as T) : answer.json();
  }
}
