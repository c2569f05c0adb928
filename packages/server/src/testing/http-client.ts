import type { AddressInfo } from 'node:net';
import { createServer, type Server, type ServerOptions } from '../server';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A server that listens on a free port, and a client of it. */
export class ListeningServer {
  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async start(options: ServerOptions): Promise<ListeningServer> {
    const server = await createServer({ pollMilliseconds: 20, ...options });
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = server.app.server.address() as AddressInfo;
    return new ListeningServer(server, `http://127.0.0.1:${port}`);
  }

  async get(path: string): Promise<Answer> {
    return answerOf(await fetch(this.url + path));
  }

  /** An object is sent as JSON, a string as it is. */
  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return answerOf(
      await fetch(this.url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    );
  }

  close(): Promise<void> {
    return this.server.app.close();
  }
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A logger that keeps its lines. */
export function recordingLogger() {
  const lines: string[] = [];
  return {
    lines,
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(line),
  };
}
