import { createServer, request, type Server } from 'node:http';

/** One request that went through. */
export interface Passed {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  /** Bytes of the body of the answer. */
  received: number;
  /** Bytes of the body of the request. */
  sent: number;
  /** Of the answer; undefined while there is none, and for ever where one of the ends was killed before. */
  status: number | undefined;
}

/** Lies between a client and a server of this machine, notes each request, and may be told to be slow. */
export class CountingProxy {
  readonly passed: Passed[] = [];
  /** Milliseconds before each piece of a body goes on; keeps a transfer alive for long enough to be killed. */
  delay = 0;
  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  static start(target: string, port: number): Promise<CountingProxy> {
    return new Promise((resolve, reject) => {
      const server = createServer((incoming, outgoing) => {
        const url = new URL(incoming.url ?? '/', target);
        const entry: Passed = {
          method: incoming.method ?? '',
          path: decodeURIComponent(url.pathname),
          received: 0,
          sent: 0,
          status: undefined,
        };
        proxy.passed.push(entry);
        // The host stays as the client wrote it, for it is signed.
        const forward = request(
          {
            host: url.hostname,
            port: url.port,
            path: incoming.url,
            method: incoming.method,
            headers: incoming.headers,
          },
          (answer) => {
            entry.status = answer.statusCode;
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            slowly(answer, outgoing, (bytes) => (entry.received += bytes), proxy);
          },
        );
        forward.on('error', () => outgoing.destroy());
        outgoing.on('close', () => forward.destroy());
        slowly(incoming, forward, (bytes) => (entry.sent += bytes), proxy);
      });
      const proxy = new CountingProxy(server, `http://127.0.0.1:${port}`);
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve(proxy));
    });
  }

  reset(): void {
    this.passed.length = 0;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function slowly(
  from: NodeJS.ReadableStream,
  to: NodeJS.WritableStream,
  count: (bytes: number) => void,
  proxy: CountingProxy,
): void {
  void (async () => {
    try {
      for await (const chunk of from) {
        count((chunk as Buffer).length);
        if (proxy.delay > 0) await new Promise((resolve) => setTimeout(resolve, proxy.delay));
        if (!to.write(chunk))
          await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
      }
      to.end();
    } catch {
      // One of the ends was killed, as it is meant to be here.
      (to as unknown as { destroy(): void }).destroy();
    }
  })();
}
