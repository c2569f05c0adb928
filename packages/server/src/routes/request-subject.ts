import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whom or what a request is about: the subject header, else the id in the body, else `x-request-id`, else somebody new.
 *
 * @param subjectHeader in lower case
 */
export function subjectOf(
  headers: IncomingHttpHeaders,
  id: string | undefined,
  subjectHeader: string,
): string {
  const candidates = [headers[subjectHeader], id, headers['x-request-id']];
  const subject = candidates.find((each) => each !== undefined && each.length > 0);
  if (subject === undefined) return randomUUID();
  return typeof subject === 'string' ? subject : subject.join();
}
