/** Who the client is to the server: the session cookie, or a token that the page hands over and that is renewed here. */
import type { Api, SignedIn } from './api.ts';

export interface Renewed {
  token: string;
  /** How long it is good, in milliseconds from now; null if that is not known. */
  life: number | null;
  /** Of the session's person; null if that is not known. */
  userId: string | null;
}

export class Credentials {
  readonly #ask: (() => Promise<string>) | null;
  #given: string | null = null;
  #renewed: string | null = null;

  constructor(ask: (() => Promise<string>) | undefined) {
    this.#ask = ask ?? null;
  }

  /** null: the cookie goes along by itself. */
  get bearer(): (() => Promise<string>) | null {
    return this.#ask ? () => this.#current() : null;
  }

  async #current(): Promise<string> {
    const given = await this.#ask!();
    if (given !== this.#given) this.#renewed = null; // the page has a newer one
    this.#given = given;
    return this.#renewed ?? given;
  }

  /** renew gets a token that is good for longer. Rejects with an ApiError; 401 means that the session has ended. */
  async renew(api: Api): Promise<Renewed> {
    if (!this.#ask) return this.#of(await api.refresh());
    const before = this.#renewed ?? this.#given;
    const now = await this.#current();
    if (now !== before) return { token: now, life: null, userId: null };
    const renewed = this.#of(await api.refresh(now));
    this.#renewed = renewed.token;
    return renewed;
  }

  /** adopt takes over the token of a session that a request began. */
  adopt(answer: SignedIn): void {
    if (this.#ask) this.#renewed = this.#of(answer).token;
  }

  #of(answer: SignedIn): Renewed {
    const seconds = Number(answer?.expires_in);
    return {
      token: String(answer?.access_token ?? ''),
      life: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
      userId: answer?.user?.id ?? null,
    };
  }
}
