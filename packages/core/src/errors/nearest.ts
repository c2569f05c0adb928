import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a misspelt name most likely meant, or undefined when none is close.
 *
 * A candidate that holds the name as whole words wins ("auc" means "roc-auc"); of several the one with the fewest
 * words, and of those the first. Else close means an edit distance (insert, delete, substitute) of at most a third of
 * the longer word, and at least two edits are always allowed. Case is ignored, and "_", "-" and blanks count the same.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = normalised(name);
  if (wanted === '') return undefined;
  return holdingWords(wanted, candidates) ?? byEdits(wanted, candidates);
}

function normalised(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[-_\s]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

function holdingWords(wanted: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; words: number } | undefined;
  for (const candidate of candidates) {
    const whole = normalised(candidate);
    if (!`-${whole}-`.includes(`-${wanted}-`)) continue;
    const words = whole.split('-').length;
    if (best === undefined || words < best.words) best = { candidate, words };
  }
  return best?.candidate;
}

function byEdits(wanted: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(wanted, normalised(candidate));
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  if (best === undefined) return undefined;
  const allowed = Math.max(2, Math.floor(Math.max(wanted.length, best.candidate.length) / 3));
  return best.edits <= allowed ? best.candidate : undefined;
}

/** ` Did you mean "x"?`, or the list of valid names when none is close, or '' when there are none. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  if (nearest !== undefined) return ` Did you mean "${nearest}"?`;
  if (candidates.length === 0) return '';
  return ` Valid: ${candidates.slice(0, 20).join(', ')}${candidates.length > 20 ? ', …' : ''}.`;
}
