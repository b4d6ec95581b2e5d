/** One request to the server: where it goes, who asks, and what an error looks like. */

/** What a server, or the way to it, answered instead of what was asked for. */
export class ApiError extends Error {
  override name = 'ApiError';
  /** One of the protocol's codes, or 'network' when there was no answer at all. */
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Milliseconds after which the same request may work; null if the server did not say. */
  readonly retryAfter: number | null;
  /** Names the request in the server's log. */
  readonly requestId: string | null;

  constructor(
    message: string,
    code: string,
    status: number,
    retryAfter: number | null = null,
    requestId: string | null = null,
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }
}

export interface Requester {
  base: string;
  fetch: typeof globalThis.fetch;
  /** null: the cookie says who asks. */
  bearer: (() => Promise<string>) | null;
  /** Called with every error of a signed-in request that says 401. */
  unauthenticated: () => unknown;
}

export interface RequestOptions {
  query?: Record<string, string | number | undefined>;
  /** A Blob goes as it is, anything else as JSON. */
  body?: unknown;
  /** Asks as this token, whatever the Requester's is. */
  token?: string;
  /** The request says itself who asks (sign-in and the like): a 401 tells nothing about the session. */
  anonymous?: boolean;
  headers?: Record<string, string>;
}

const codes: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'unknown_outcome',
};

/** endpoint resolves a path such as "api/rooms" against the base, which may be a sub-path. */
export function endpoint(base: string, path: string, query: RequestOptions['query'] = {}): URL {
  const url = new URL(path, base);
  url.hash = '';
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
  return url;
}

/** request asks and returns the JSON of the answer, undefined if it has none. Rejects with ApiError alone. */
export async function request(r: Requester, method: string, path: string, o: RequestOptions = {}): Promise<unknown> {
  const headers: Record<string, string> = { Accept: 'application/json', ...o.headers };
  const init: RequestInit = { method, headers, cache: 'no-store', credentials: r.bearer ? 'omit' : 'same-origin' };
  if (o.body instanceof Blob) init.body = o.body;
  else if (o.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(o.body);
  }
  let response: Response;
  let text: string;
  try {
    const token = o.token ?? (r.bearer && !o.anonymous ? await r.bearer() : null);
    if (token !== null) headers.Authorization = `Bearer ${token}`;
    response = await r.fetch(endpoint(r.base, path, o.query).href, init);
    text = await response.text();
  } catch (err) {
    if (err instanceof ApiError) throw err;
    throw new ApiError('The server cannot be reached. Check the connection and try again.', 'network', 0);
  }
  const body = parse(text);
  if (response.ok) {
    if (text !== '' && body === undefined)
      throw new ApiError('The answer is not from a Parley server.', 'internal', response.status);
    return body;
  }
  if (response.status === 401 && !o.anonymous) r.unauthenticated();
  throw problem(response, body);
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problem(response: Response, body: unknown): ApiError {
  const p = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (v: unknown) => (typeof v === 'string' && v !== '' ? v : null);
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  const retryAfter =
    typeof p.retry_after === 'number' ? p.retry_after : Number.isFinite(seconds) ? seconds * 1000 : null;
  return new ApiError(
    text(p.detail) ?? `The server answered ${response.status}.`,
    text(p.code) ?? codes[response.status] ?? (response.status >= 500 ? 'internal' : 'invalid'),
    response.status,
    retryAfter,
    text(p.request_id),
  );
}
