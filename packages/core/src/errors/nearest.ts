import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a misspelt name most likely meant, or undefined when none is close.
 *
 * Close means an edit distance (insert, delete, substitute; case ignored) of at most a third of the longer word,
 * and at least two edits are always allowed.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  if (best === undefined) return undefined;
  const allowed = Math.max(2, Math.floor(Math.max(name.length, best.candidate.length) / 3));
  return best.edits <= allowed ? best.candidate : undefined;
}

/** ` Did you mean "x"?`, or the list of valid names when none is close, or '' when there are none. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  if (nearest !== undefined) return ` Did you mean "${nearest}"?`;
  if (candidates.length === 0) return '';
  return ` Valid: ${candidates.slice(0, 20).join(', ')}${candidates.length > 20 ? ', …' : ''}.`;
}
