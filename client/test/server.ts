/** Starts the real server for tests: built once into a temporary folder, killed as a power cut would. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

export class Server {
  readonly #dir: string;
  readonly #port: number;
  #process: ChildProcess | null = null;

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.#port = port;
  }

  /** build makes the program and a data folder with accounts. */
  static async build(...names: string[]): Promise<Server> {
    const dir = await mkdtemp(join(tmpdir(), 'parley-client-'));
    await run('go', ['build', '-o', join(dir, 'parley'), './cmd/parley'], { cwd: root });
    const server = new Server(dir, await freePort());
    for (const name of names) await server.addUser(name);
    return server;
  }

  get base(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  get #data(): string[] {
    return ['--data', join(this.#dir, 'data')];
  }

  async start(): Promise<void> {
    const child = spawn(join(this.#dir, 'parley'), ['serve', ...this.#data, '--addr', `127.0.0.1:${this.#port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    let log = '';
    child.stderr!.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended: ${log}`);
      const up = await fetch(`${this.base}healthz`).then(
        () => true,
        () => false,
      );
      if (up) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** kill ends the server as kill -9 does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async addUser(name: string): Promise<void> {
    const added = run(join(this.#dir, 'parley'), ['user', 'add', name, ...this.#data]);
    added.child.stdin!.end('a password long enough\n');
    await added;
  }

  async token(name: string): Promise<string> {
    const { stdout } = await run(join(this.#dir, 'parley'), ['token', name, '--ttl', '1h', ...this.#data]);
    return stdout.trim();
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as { port: number };
      listener.close(() => resolve(port));
    });
  });
}
