import { z } from 'zod';
import { ApiClient } from './api-client';
import { ApiFailure } from './api-failure';
import type { Comment, CommentStore } from './comment-store';

const noteSchema = z.object({
  id: z.number(),
  body: z.string(),
  /** `true` of "assigned to …" and the like. */
  system: z.boolean().optional(),
  author: z.object({ id: z.number() }).nullish(),
});

export interface GitLabPlace {
  /** Such as `https://gitlab.example.org/api/v4`. */
  readonly api: string;
  /** Its number, or its path. */
  readonly project: string;
  /** Number of the merge request in its project. */
  readonly iid: number;
  readonly token: string;
}

/** Notes of a merge request on GitLab. */
export class GitLabNotes implements CommentStore {
  readonly description: string;
  /** GitLab refuses more than 1,000,000. */
  readonly limit = 990_000;
  readonly permission =
    'It takes a project access token with the role Reporter and the scope "api", given to the job as the masked variable GITLAB_TOKEN; CI_JOB_TOKEN may not write notes, and a protected variable does not reach unprotected branches';
  private readonly client: ApiClient;
  private readonly path: string;
  private self: Promise<number | undefined> | undefined;

  constructor({ api, project, iid, token }: GitLabPlace, signal: AbortSignal) {
    this.description = `merge request ${iid} of project ${project}`;
    this.client = new ApiClient({ baseUrl: api, signal, headers: { 'private-token': token } });
    this.path = `/projects/${encodeURIComponent(project)}/merge_requests/${iid}/notes`;
  }

  async list(): Promise<Comment[]> {
    const self = await this.ownId();
    const found: Comment[] = [];
    let page: string | undefined = '1';
    while (page !== undefined) {
      const query = `per_page=100&sort=asc&order_by=created_at&page=${encodeURIComponent(page)}`;
      const { body, headers } = await this.client.call('GET', `${this.path}?${query}`);
      const notes = z.array(noteSchema).parse(body);
      found.push(...notes.filter(({ system }) => system !== true).map((note) => commentOf(note, self)));
      page = headers.get('x-next-page')?.trim() || undefined;
    }
    return found.sort((a, b) => a.id - b.id);
  }

  async create(body: string): Promise<Comment> {
    return this.answer(await this.client.call('POST', this.path, { body }));
  }

  async update(id: number, body: string): Promise<Comment> {
    return this.answer(await this.client.call('PUT', `${this.path}/${id}`, { body }));
  }

  async remove(id: number): Promise<void> {
    await this.client.call('DELETE', `${this.path}/${id}`);
  }

  private answer({ body }: { readonly body: unknown }): Comment {
    return { ...commentOf(noteSchema.parse(body), undefined), isOwn: true };
  }

  /** The id of the token's user; undefined when the token may not ask. */
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

function commentOf({ id, body, author }: z.infer<typeof noteSchema>, self: number | undefined): Comment {
  return { id, body, isOwn: self === undefined ? undefined : author?.id === self };
}
