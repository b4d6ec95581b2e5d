import { type BrowserContext, expect } from '@playwright/test';

/** What a browser did that no visit may do, and every address it asked for. */
export class Watch {
  readonly violations: string[] = [];
  readonly crashes: string[] = [];
  readonly addresses: string[] = [];

  /** Follows all pages of context, those that are open and those that will be. */
  static async over(context: BrowserContext): Promise<Watch> {
    const watch = new Watch();
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(
          `securitypolicyviolation: ${event.violatedDirective} blocked ${event.blockedURI} (${event.sample})`,
        );
      });
    });
    context.on('request', (request) => watch.addresses.push(request.url()));
    context.on('console', (message) => {
      const text = message.text();
      if (/content security policy|securitypolicyviolation/i.test(text)) watch.violations.push(text);
    });
    context.on('weberror', (error) => watch.crashes.push(error.error().stack || String(error.error())));
    context.on('page', (page) => page.on('websocket', (socket) => watch.addresses.push(socket.url())));
    return watch;
  }

  /** Fails if the visit broke the content security policy, threw, left this host or put a secret into an address. */
  check(base: string): void {
    expect.soft(this.violations, 'violations of the content security policy').toEqual([]);
    expect.soft(this.crashes, 'errors that nothing caught').toEqual([]);
    expect.soft(this.foreign(base), 'requests to another host').toEqual([]);
    expect.soft(this.addresses.filter(holdsSecret), 'addresses with a token in them').toEqual([]);
  }

  foreign(base: string): string[] {
    const host = new URL(base).host;
    return this.addresses.filter((address) => {
      const url = new URL(address);
      return !['data:', 'blob:', 'about:'].includes(url.protocol) && url.host !== host;
    });
  }
}

/** Whether address has a token (a JWT, or anything under the name) in it. */
export function holdsSecret(address: string): boolean {
  return /[?&#](access_)?token=/.test(address) || /eyJ[\w-]{10,}\.[\w-]+\./.test(address);
}
