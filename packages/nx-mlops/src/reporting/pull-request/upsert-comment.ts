import { ApiFailure } from './api-failure';
import { bearsMarker } from './comment-marker';
import type { Comment, CommentStore } from './comment-store';
import { retry, type RetryOptions } from './retry';

export interface UpsertRequest {
  readonly store: CommentStore;
  /** First line of the body. */
  readonly marker: string;
  /** Marker included; within the limit of the store. */
  readonly body: string;
  /** Only change a comment that is there. */
  readonly onlyExisting?: boolean;
  readonly retry: RetryOptions;
}

export interface UpsertResult {
  readonly kind: 'created' | 'updated' | 'unchanged' | 'none';
  readonly url?: string;
}

/**
 * Leaves exactly one comment of ours with this body: the oldest one is changed, others of ours are removed, and a new one is
 * written only when a look over all pages has found none.
 *
 * Each attempt begins with that look, so a creation whose answer was lost is found and not made again. Two runs at once may
 * both create; each looks again afterwards, puts its body into the older one and removes the younger. Whichever comes last,
 * one is left.
 *
 * @throws ApiFailure
 */
export async function upsertComment(request: UpsertRequest): Promise<UpsertResult> {
  const { store, body, onlyExisting = false } = request;
  return retry(async (count) => {
    const before = await ownComments(request);
    if (before.length > 0) return settle(request, before, count);
    if (onlyExisting) return { kind: 'none' };
    const created = await store.create(body);
    // The list may lag behind the creation.
    const listed = (await ownComments(request)).filter(({ id }) => id !== created.id);
    const all = [...listed, created].sort((a, b) => a.id - b.id);
    const { url } = await settle(request, all, count);
    return { kind: 'created', ...(url === undefined ? {} : { url }) };
  }, request.retry);
}

async function ownComments({ store, marker }: UpsertRequest): Promise<Comment[]> {
  return (await store.list()).filter(({ body, isOwn }) => isOwn !== false && bearsMarker(body, marker));
}

/** @param comments of ours, the oldest first; at least one */
async function settle(
  { store, body }: UpsertRequest,
  [oldest, ...younger]: readonly Comment[],
  attempt: number,
): Promise<UpsertResult> {
  if (oldest === undefined) return { kind: 'none' };
  const isSame = sameText(oldest.body, body);
  const kept = isSame ? oldest : await updated(store, oldest, body, attempt);
  for (const { id } of younger) await removed(store, id);
  const { url = oldest.url } = kept;
  return { kind: isSame ? 'unchanged' : 'updated', ...(url === undefined ? {} : { url }) };
}

/** A 404 on a comment that was just listed: somebody removed it meanwhile, so once more the whole look. */
async function updated(
  store: CommentStore,
  { id }: Comment,
  body: string,
  attempt: number,
): Promise<Comment> {
  try {
    return await store.update(id, body);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404 || attempt > 1) throw error;
    throw new ApiFailure(error.message, { status: 404, isPassing: true }, { cause: error });
  }
}

/** The other run may have been quicker. */
async function removed(store: CommentStore, id: number): Promise<void> {
  try {
    await store.remove(id);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
  }
}

/** Servers trim bodies and may change the ends of lines. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/\r\n/g, '\n').trim();
  return plain(a) === plain(b);
}
