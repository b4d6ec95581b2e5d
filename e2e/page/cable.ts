import { type AddressInfo, connect, createServer, type Server as Listener, type Socket } from 'node:net';

/** A connection to a server that can be cut, and mended, without the server noticing. */
export class Cable {
  private readonly sockets = new Set<Socket>();
  private whole = true;
  private deaf = false;

  private constructor(
    private readonly listener: Listener,
    readonly base: string,
  ) {}

  /** Lays a cable to the server at base. Its own base is another address of that server. */
  static async to(base: string): Promise<Cable> {
    const { hostname, port } = new URL(base);
    const listener = createServer((near) => cable.join(near, connect(Number(port), hostname)));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const cable = new Cable(listener, `http://127.0.0.1:${(listener.address() as AddressInfo).port}`);
    return cable;
  }

  private join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (chunk) => this.deaf || near.write(chunk));
    if (!this.whole) near.destroy();
  }

  /** Ends every connection; new ones end as soon as they are made. */
  cut(): void {
    this.whole = false;
    for (const socket of this.sockets) socket.destroy();
  }

  /** From now on nothing that the server says arrives, while it hears everything. Until the cable is mended. */
  deafen(): void {
    this.deaf = true;
  }

  mend(): void {
    this.whole = true;
    this.deaf = false;
  }

  close(): void {
    this.cut();
    this.listener.close();
  }
}
