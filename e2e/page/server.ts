import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect } from '@playwright/test';

/** A parley process with a folder and a port that it keeps over kills and restarts. */
export class Server {
  readonly base: string;
  /** Everything that all its lives have printed. */
  log = '';
  private process: ChildProcess | null = null;

  private constructor(
    private readonly data: string,
    private readonly address: string,
    private readonly flags: string[],
  ) {
    this.base = `http://${address}`;
  }

  /** Starts a server in a fresh folder on a free port. */
  static async start(flags: string[]): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'parley-data-'));
    const server = new Server(data, `127.0.0.1:${await freePort()}`, flags);
    await server.restart();
    return server;
  }

  /** Starts the process and waits until it answers. */
  async restart(): Promise<void> {
    const binary = process.env.PARLEY_PAGE_BINARY;
    if (!binary) throw new Error('PARLEY_PAGE_BINARY is not set: the global set-up has not run');
    const child = spawn(binary, ['serve', '--addr', this.address, '--data', this.data, ...this.flags], {
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_'))),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    this.process = child;
    await expect
      .poll(() => this.answers(child), { message: 'the server answers', intervals: [20, 50, 100], timeout: 20_000 })
      .toBe(true);
  }

  private async answers(child: ChildProcess): Promise<boolean> {
    if (child.exitCode !== null) throw new Error(`the server ended with status ${child.exitCode}:\n${this.log}`);
    try {
      return (await fetch(`${this.base}/health`)).ok;
    } catch {
      return false;
    }
  }

  /** The link that the first start prints for the owner. */
  async setupLink(): Promise<string> {
    const link = /https?:\/\/\S+\/setup#[A-Za-z0-9]+/;
    await expect.poll(() => this.log, { message: 'the set-up link is printed' }).toMatch(link);
    return link.exec(this.log)?.[0] ?? '';
  }

  async setupCode(): Promise<string> {
    return new URL(await this.setupLink()).hash.slice(1);
  }

  /** Ends the process as a power cut would: kill -9. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops the process where it stands, its sockets open; resume lets it go on. */
  pause(): void {
    this.process?.kill('SIGSTOP');
  }

  resume(): void {
    this.process?.kill('SIGCONT');
  }

  /** Ends the process in an orderly way and fails unless it says that all is well. Removes the folder. */
  async close(): Promise<void> {
    try {
      if (!this.process) return;
      this.resume();
      expect(await this.end('SIGTERM'), `the server's exit status; its log:\n${this.log.slice(-4000)}`).toBe(0);
    } finally {
      await this.end('SIGKILL');
      await rm(this.data, { recursive: true, force: true });
    }
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.process;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    this.process = null;
    return child.exitCode;
  }
}

/**
 * Finds a port below those that the system gives to clients: otherwise, while the server is down, a client that dials
 * its port might get that same port for its own end and talk to itself.
 */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
  throw new Error('found no free port');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once('error', () => resolve(false));
    listener.listen(port, '127.0.0.1', () => listener.close(() => resolve(true)));
  });
}
