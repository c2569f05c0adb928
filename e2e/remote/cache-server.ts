import { createServer, type Server } from 'node:http';

/** The cache that two clones share, as Nx asks for one (its self-hosted remote cache, `/v1/cache/<hash>`). */
export class CacheServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static start(port: number): Promise<CacheServer> {
    const entries = new Map<string, Buffer>();
    const server = createServer((request, response) => {
      const key = request.url ?? '';
      if (request.method === 'GET') {
        const found = entries.get(key);
        response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
        response.end(found);
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        entries.set(key, Buffer.concat(chunks));
        response.writeHead(200).end();
      });
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve(new CacheServer(server, `http://127.0.0.1:${port}`)));
    });
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
