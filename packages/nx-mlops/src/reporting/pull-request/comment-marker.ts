import { MlopsError } from '@nx-mlops/core';

/** GitLab and GitHub show nothing of it. */
const NAME = 'nx-mlops report';

/**
 * The hidden first line of our comment, by which it is found again.
 *
 * @param slot tells several workspaces of one repository apart; each has a comment of its own
 * @throws MlopsError MLOPS_REPORT_SLOT when it could end the HTML comment or be read as another
 */
export function commentMarker(slot?: string): string {
  if (slot === undefined) return `<!-- ${NAME} -->`;
  if (/^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/.test(slot) && slot.length <= 60) {
    return `<!-- ${NAME}: ${slot} -->`;
  }
  throw new MlopsError(
    'MLOPS_REPORT_SLOT',
    `"${slot}" cannot name a slot. Take up to 60 letters and digits, with single ".", "-" or "_" between them.`,
    { path: '--slot' },
  );
}

/** Whether a comment is one that we wrote: a reply that quotes the marker has something before it. */
export function bearsMarker(body: string, marker: string): boolean {
  return body.startsWith(`${marker}\n`) || body.startsWith(`${marker}\r\n`) || body.trim() === marker;
}
