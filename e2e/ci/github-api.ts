import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What of GitHub's API the jobs of a pipeline ask: which runs were green, and the comments of pull requests. */
export class GitHubApi {
  /** Commits of main whose run was green, the newest first. */
  readonly green: string[] = [];
  /** Bodies of the comments by number of the pull request. */
  readonly comments = new Map<number, string[]>();
  /** Whether the token of a job may comment; that of a pull request from a fork may not. */
  mayComment = true;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<GitHubApi> {
    const server = createServer();
    const api = new GitHubApi(server);
    server.on('request', (request, response) => {
      api.answer(request).then(
        ([status, body]) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(body));
        },
        (error: unknown) => response.destroy(error as Error),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<[status: number, body: unknown]> {
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    const call = `${request.method} ${pathname.replace('/repos/owner/repository', '')}`;
    if (call === 'GET /actions/workflows/nx-mlops.yml/runs') {
      const asked = `${searchParams.get('branch')} ${searchParams.get('status')}`;
      const runs = asked === 'main success' ? this.green.map((head_sha) => ({ head_sha })) : [];
      return [200, { workflow_runs: runs }];
    }
    const number = Number(/^(?:GET|POST) \/issues\/(\d+)\/comments$/.exec(call)?.[1]);
    if (request.method === 'GET' && number > 0) {
      return [200, this.commentsOf(number).map((body, index) => comment(1000 * number + index, body))];
    }
    if (call === 'GET /user' || !this.mayComment) {
      return [403, { message: 'Resource not accessible by integration' }];
    }
    if (number > 0) {
      const comments = this.commentsOf(number);
      comments.push(await bodyOf(request));
      return [201, comment(1000 * number + comments.length - 1, comments.at(-1) as string)];
    }
    const id = Number(/^PATCH \/issues\/comments\/(\d+)$/.exec(call)?.[1]);
    if (id > 0) {
      const body = await bodyOf(request);
      this.commentsOf(Math.floor(id / 1000))[id % 1000] = body;
      return [200, comment(id, body)];
    }
    return [404, { message: `No ${call}` }];
  }

  private commentsOf(number: number): string[] {
    if (!this.comments.has(number)) this.comments.set(number, []);
    return this.comments.get(number) as string[];
  }
}

function comment(id: number, body: string) {
  return {
    id,
    body,
    html_url: `https://github.invalid/comments/${id}`,
    user: { id: 41_898_282, type: 'Bot' },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return (JSON.parse(text) as { body: string }).body;
}
