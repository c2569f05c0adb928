import { z } from 'zod';
import { ApiClient } from './api-client';
import { ApiFailure } from './api-failure';
import type { Comment, CommentStore } from './comment-store';

const commentSchema = z.object({
  id: z.number(),
  body: z.string().nullish(),
  html_url: z.string().optional(),
  user: z.object({ id: z.number(), type: z.string().optional() }).nullish(),
});

export interface GitHubPlace {
  /** Such as `https://api.github.com`. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly token: string;
}

/** Comments of a pull request on GitHub or a GitHub Enterprise Server. A pull request's comments are those of its issue. */
export class GitHubComments implements CommentStore {
  readonly description: string;
  /** GitHub refuses more than 65,536; some room, for it is not said what it counts as one. */
  readonly limit = 65_000;
  readonly permission =
    'In GitHub Actions give the job "permissions: pull-requests: write" and "contents: read"; a pull request from a fork never gets more than reading. A personal token needs "Pull requests: write" of this repository, a classic one the scope "repo"';
  private readonly client: ApiClient;
  private readonly path: string;
  private self: Promise<number | undefined> | undefined;

  constructor({ api, repository, number, token }: GitHubPlace, signal: AbortSignal) {
    this.description = `pull request ${number} of ${repository}`;
    this.client = new ApiClient({
      baseUrl: api,
      signal,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28',
      },
    });
    this.path = `/repos/${repository.split('/').map(encodeURIComponent).join('/')}/issues`;
    this.number = number;
  }
  private readonly number: number;

  async list(): Promise<Comment[]> {
    const self = await this.ownId();
    const found: Comment[] = [];
    let next: string | undefined = `${this.path}/${this.number}/comments?per_page=100`;
    while (next !== undefined) {
      const { body, headers } = await this.client.call('GET', next);
      found.push(
        ...z
          .array(commentSchema)
          .parse(body)
          .map((comment) => commentOf(comment, self)),
      );
      next = /<([^>]+)>;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    return found.sort((a, b) => a.id - b.id);
  }

  async create(body: string): Promise<Comment> {
    return this.answer(await this.client.call('POST', `${this.path}/${this.number}/comments`, { body }));
  }

  async update(id: number, body: string): Promise<Comment> {
    return this.answer(await this.client.call('PATCH', `${this.path}/comments/${id}`, { body }));
  }

  async remove(id: number): Promise<void> {
    await this.client.call('DELETE', `${this.path}/comments/${id}`);
  }

  private answer({ body }: { readonly body: unknown }): Comment {
    return { ...commentOf(commentSchema.parse(body), undefined), isOwn: true };
  }

  /**
   * The id of the token's user; undefined for the token of an Actions job, which is that of an app and may not ask. Such a
   * token writes as a bot.
   */
  private ownId(): Promise<number | undefined> {
    this.self ??= this.client.call('GET', '/user').then(
      ({ body }) => z.object({ id: z.number() }).parse(body).id,
      (error: unknown) => {
        this.self = undefined;
        if (error instanceof ApiFailure && (error.status === 403 || error.status === 404)) return undefined;
        throw error;
      },
    );
    return this.self;
  }
}

function commentOf(
  { id, body, html_url, user }: z.infer<typeof commentSchema>,
  self: number | undefined,
): Comment {
  return {
    id,
    body: body ?? '',
    ...(html_url === undefined ? {} : { url: html_url }),
    isOwn: self === undefined ? isBot(user?.type) : user?.id === self,
  };
}

function isBot(type: string | undefined): boolean | undefined {
  return type === undefined ? undefined : type === 'Bot';
}
