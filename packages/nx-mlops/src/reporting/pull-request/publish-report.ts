import { MlopsError, messageOf } from '@nx-mlops/core';
import { ApiFailure } from './api-failure';
import { commentMarker } from './comment-marker';
import type { CommentStore } from './comment-store';
import { GitHubComments } from './github-comments';
import { GitLabNotes } from './gitlab-notes';
import type { ReportPlace } from './report-place';
import type { RetryOptions } from './retry';
import { upsertComment, type UpsertResult } from './upsert-comment';

export interface PublishRequest {
  readonly place: Exclude<ReportPlace, { readonly kind: 'none' }>;
  readonly slot?: string;
  /** The report in at most so many characters. */
  readonly render: (limit: number) => string;
  /** Only bring a comment up to date that is there: there is nothing new to say. */
  readonly onlyExisting?: boolean;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly retry?: Pick<RetryOptions, 'attempts' | 'firstWait' | 'longestWait'>;
}

/**
 * Writes or updates the one comment.
 *
 * @throws MlopsError MLOPS_REPORT_REFUSED when the token may not, MLOPS_REPORT_UPLOAD when it did not work in the end
 */
export async function publishReport(request: PublishRequest): Promise<UpsertResult> {
  const { place, slot, render, onlyExisting, signal, print } = request;
  const marker = commentMarker(slot);
  const store = storeOf(place, signal);
  try {
    const result = await upsertComment({
      store,
      marker,
      body: `${marker}\n${render(store.limit - marker.length - 1)}`,
      ...(onlyExisting === undefined ? {} : { onlyExisting }),
      retry: { ...request.retry, signal, print },
    });
    if (result.kind !== 'none') print(sentenceOf(result, store));
    return result;
  } catch (error) {
    signal.throwIfAborted();
    throw explained(error, store);
  }
}

function storeOf(place: PublishRequest['place'], signal: AbortSignal): CommentStore {
  return place.kind === 'github' ? new GitHubComments(place, signal) : new GitLabNotes(place, signal);
}

function sentenceOf({ kind, url }: UpsertResult, { description }: CommentStore): string {
  const what = {
    created: 'Wrote the comment on',
    updated: 'Updated the comment on',
    unchanged: 'Left the comment as it was on',
    none: 'No comment on',
  }[kind];
  return `${what} ${description}${url === undefined ? '.' : `: ${url}`}`;
}

function explained(error: unknown, { description, permission }: CommentStore): MlopsError {
  const status = error instanceof ApiFailure ? error.status : undefined;
  const said =
    error instanceof ApiFailure
      ? error.message
      : `an answer of an unknown form (${messageOf(error).slice(0, 200)})`;
  const [code, what] = ((): [`MLOPS_${string}`, string] => {
    switch (status) {
      case 401:
        return [
          'MLOPS_REPORT_REFUSED',
          `The token was not accepted for ${description} (${said}). It is wrong or has expired.`,
        ];
      case 403:
      case 404:
        return [
          'MLOPS_REPORT_REFUSED',
          `The token may not comment on ${description}, or there is no such place (${said}). ${permission}.`,
        ];
      case 301:
      case 302:
      case 307:
      case 308:
        return [
          'MLOPS_REPORT_REFUSED',
          `The API of ${description} has moved (${said}). Give its new place with --repository or --api-url.`,
        ];
      default:
        return ['MLOPS_REPORT_UPLOAD', `The comment on ${description} could not be written: ${said}.`];
    }
  })();
  return new MlopsError(
    code,
    `${what} The report itself is in its file. --comment=optional lets the command succeed without the comment.`,
    {},
    { cause: error },
  );
}
