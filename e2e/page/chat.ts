import { expect, type Locator, type Page } from '@playwright/test';

/** A tab with the chat in it, by what people see and hear of it: roles and names. */
export class Chat {
  readonly rooms: Locator;
  readonly status: Locator;
  readonly typing: Locator;
  readonly sendButton: Locator;
  readonly account: Locator;

  constructor(readonly page: Page) {
    this.rooms = page.getByRole('navigation', { name: 'Rooms' });
    this.status = page.getByRole('status').filter({ hasText: /^(Connected|Connecting|Reconnecting|Offline)/ });
    this.typing = page.getByRole('status').filter({ hasText: /typing/ });
    this.sendButton = page.getByRole('button', { name: 'Send', exact: true });
    this.account = page.getByRole('button', { name: 'Your account' });
  }

  room(name: string): Locator {
    return this.rooms.getByRole('link', { name: new RegExp(`^${name}(,|\\s|$)`) });
  }

  /** The sidebar's link of a room with n unread messages. */
  unread(name: string, n: number): Locator {
    return this.rooms.getByRole('link', { name: new RegExp(`^${name}, ${n} unread`) });
  }

  /** The sidebar's count of people in a room. */
  online(name: string, n: number): Locator {
    const row = this.rooms
      .getByRole('listitem')
      .filter({ has: this.page.getByRole('link', { name: new RegExp(`^${name}(,|\\s|$)`) }) });
    return row.getByTitle(`${n} online`, { exact: true }).or(row.getByLabel(`${n} online`, { exact: true }));
  }

  /** The pencil at a room in which something is written that was not sent. */
  draftMark(room: string): Locator {
    const row = this.rooms
      .getByRole('listitem')
      .filter({ has: this.page.getByRole('link', { name: new RegExp(`^${room}(,|\\s|$)`) }) });
    return row.getByTitle('Draft');
  }

  log(room: string): Locator {
    return this.page.getByRole('log', { name: `Messages in ${room}` });
  }

  message(room: string, text: string | RegExp): Locator {
    return this.log(room).getByRole('article').filter({ hasText: text });
  }

  /** Where one writes: a text box, and a combobox while it has suggestions. */
  composer(room: string): Locator {
    const name = `Message ${room}`;
    return this.page.getByRole('textbox', { name }).or(this.page.getByRole('combobox', { name }));
  }

  /** What the composer suggests: people, rooms or emoji. */
  suggestions(of: 'People' | 'Rooms' | 'Emoji'): Locator {
    return this.page.getByRole('listbox', { name: of }).getByRole('option');
  }

  people(room: string): Locator {
    return this.page.getByRole('complementary', { name: `People in ${room}` });
  }

  /** Shows the sidebar where the screen is too narrow to have it beside the room. */
  async openRooms(): Promise<void> {
    const menu = this.page.getByRole('button', { name: /^Rooms(,|$)/ });
    await expect(this.account.or(menu).first()).toBeVisible();
    if (await menu.isVisible()) await menu.click();
    await expect(this.rooms).toBeVisible();
  }

  async switchTo(room: string): Promise<void> {
    await this.room(room).click();
    await this.showsRoom(room);
  }

  async showsRoom(room: string): Promise<void> {
    await expect(this.page.getByRole('heading', { name: room, exact: true })).toBeVisible();
    await expect(this.composer(room)).toBeVisible();
  }

  async connected(): Promise<void> {
    await expect(this.status).toHaveText(/^Connected/);
  }

  /** Writes text and presses Enter. */
  async say(room: string, text: string): Promise<void> {
    await this.composer(room).fill(text);
    await this.composer(room).press('Enter');
  }

  /** Types on until others see that, as a person would: it shows for two seconds after the last key alone. */
  async typesUntil(room: string, seen: Locator): Promise<void> {
    await expect(async () => {
      await this.composer(room).press('.');
      expect(await seen.count()).toBe(1);
    }).toPass({ intervals: [100] });
  }

  /** Waits until text stands in the room exactly once. */
  async hears(room: string, text: string | RegExp): Promise<void> {
    await expect(this.message(room, text)).toHaveCount(1);
  }

  async signOut(): Promise<void> {
    await this.account.click();
    await this.page.getByRole('menuitem', { name: 'Sign out' }).click();
  }

  /** Waits until this tab asks for a name and a password. */
  async asksWho(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: /^Sign in to / })).toBeVisible();
  }

  /** Waits until this tab says that its session was ended elsewhere, and shows nothing of the rooms any more. */
  async wasSignedOut(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: 'You have been signed out' })).toBeVisible();
    await expect(this.page.getByRole('log')).toHaveCount(0);
  }
}
