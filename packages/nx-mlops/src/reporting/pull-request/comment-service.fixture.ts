import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly author: { readonly id: number; readonly type: 'Bot' | 'User' };
  readonly system?: boolean;
}

/** What the service does with a request instead of, or after, answering it. */
export type Mishap =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
    }
  /** Does what was asked, then closes the connection without an answer. */
  | { readonly kind: 'accept-and-drop' }
  /** Closes the connection and does nothing. */
  | { readonly kind: 'drop' };

/** The token's author. */
export const self = { id: 41_898_282, type: 'Bot' } as const;
export const human = { id: 7, type: 'User' } as const;
export const otherBot = { id: 99, type: 'Bot' } as const;

/**
 * Stands in for the comments of pull request 12 of acme/shop on GitHub (`/repos/…`) and of merge request 12 of project 34 on
 * GitLab (`/api/v4/…`). Both look at the same comments.
 */
export class CommentService {
  readonly comments: StoredComment[] = [];
  /** `POST /repos/…`, in order; without the query. */
  readonly requests: string[] = [];
  readonly token = 'a token';
  /** Whether `GET /user` answers; it does not for the token of an Actions job. */
  tellsUser = false;
  /** Largest page, whatever is asked for. */
  pageSize = 100;
  private nextId = 1000;
  private readonly mishaps: { readonly method: string; readonly mishap: Mishap }[] = [];
  private gate: Promise<void> | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<CommentService> {
    const server = createServer();
    const service = new CommentService(server);
    server.on('request', (request, response) => {
      service.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  add(body: string, author: StoredComment['author'] = human): StoredComment {
    const comment: StoredComment = { id: this.nextId++, body, author };
    this.comments.push(comment);
    return comment;
  }

  /** The next request of this method goes wrong; several are queued. */
  spoil(method: string, mishap: Mishap): void {
    this.mishaps.push({ method, mishap });
  }

  /** Holds every creation back until as many have come in, so that several runs have all looked before any has written. */
  holdCreations(count: number): void {
    let open: () => void = () => undefined;
    this.gate = new Promise((resolve) => (open = resolve));
    let waiting = 0;
    const arrive = () => {
      if (++waiting === count) open();
    };
    this.onCreation = arrive;
  }
  private onCreation: () => void = () => undefined;

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const url = new URL(request.url ?? '/', this.url);
    const body = await bodyOf(request);
    this.requests.push(`${method} ${url.pathname}`);
    const json = (status: number, value?: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(value === undefined ? '' : JSON.stringify(value));
    };
    const isGitLab = url.pathname.startsWith('/api/v4/');
    const given = isGitLab
      ? request.headers['private-token']
      : request.headers.authorization?.replace('Bearer ', '');
    if (given !== this.token)
      return json(401, { message: isGitLab ? '401 Unauthorized' : 'Bad credentials' });

    const path = url.pathname.replace('/api/v4', '');
    if (path === '/user')
      return this.tellsUser
        ? json(200, self)
        : json(403, { message: 'Resource not accessible by integration' });

    const spoiled = this.mishaps.findIndex((item) => item.method === method);
    const mishap = spoiled < 0 ? undefined : this.mishaps.splice(spoiled, 1)[0]?.mishap;
    if (mishap?.kind === 'drop') return void response.destroy();
    if (mishap?.kind === 'status')
      return json(mishap.status, mishap.body ?? { message: 'On purpose' }, mishap.headers);
    const done = await this.perform(method, path, url, body, isGitLab);
    if (mishap?.kind === 'accept-and-drop') return void response.destroy();
    json(done.status, done.value, done.headers);
  }

  private async perform(
    method: string,
    path: string,
    url: URL,
    body: { body?: string },
    isGitLab: boolean,
  ): Promise<{ status: number; value?: unknown; headers?: Record<string, string> }> {
    const all = isGitLab ? '/projects/34/merge_requests/12/notes' : '/repos/acme/shop/issues/12/comments';
    const one = new RegExp(`^${isGitLab ? all : '/repos/acme/shop/issues/comments'}/(\\d+)$`).exec(path)?.[1];
    const shown = (comment: StoredComment) => (isGitLab ? gitLabNote(comment) : gitHubComment(comment));
    if (path === all && method === 'GET') return this.page(url, isGitLab, shown);
    if (path === all && method === 'POST') {
      this.onCreation();
      await this.gate;
      return { status: 201, value: shown(this.add((body.body ?? '').trim(), self)) };
    }
    const comment = this.comments.find(({ id }) => String(id) === one);
    if (comment === undefined) return { status: 404, value: { message: 'Not Found' } };
    if (method === (isGitLab ? 'PUT' : 'PATCH')) {
      comment.body = (body.body ?? '').trim();
      return { status: 200, value: shown(comment) };
    }
    if (method === 'DELETE') {
      this.comments.splice(this.comments.indexOf(comment), 1);
      return { status: 204 };
    }
    return { status: 405, value: { message: 'Method Not Allowed' } };
  }

  private page(url: URL, isGitLab: boolean, shown: (comment: StoredComment) => unknown) {
    const size = Math.min(this.pageSize, Number(url.searchParams.get('per_page') ?? (isGitLab ? 20 : 30)));
    const number = Number(url.searchParams.get('page') ?? 1);
    const value = this.comments.slice((number - 1) * size, number * size).map(shown);
    const hasNext = number * size < this.comments.length;
    const next = new URL(url);
    next.searchParams.set('page', String(number + 1));
    const headers: Record<string, string> = isGitLab
      ? { 'x-next-page': hasNext ? String(number + 1) : '' }
      : hasNext
        ? { link: `<${next.href}>; rel="next", <${url.href}>; rel="last"` }
        : {};
    return { status: 200, value, headers };
  }
}

function gitHubComment({ id, body, author }: StoredComment) {
  return { id, body, html_url: `https://github.example/acme/shop/pull/12#issuecomment-${id}`, user: author };
}

function gitLabNote({ id, body, author, system = false }: StoredComment) {
  return { id, body, system, author: { id: author.id } };
}

async function bodyOf(request: IncomingMessage): Promise<{ body?: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as { body?: string });
}
