/**
 * Whose entries a cache holds apart: what trusted branches built, and what one pull request built. A pull request runs
 * code that nobody has reviewed, and Nx restores whatever an entry holds, so entries of the one must never reach the other
 * (CVE-2025-36852).
 */
export type Scope =
  | { readonly kind: 'trusted' }
  | {
      readonly kind: 'pull-request';
      /** As `scopeNamePattern` has it. */
      readonly name: string;
    };

export type ScopeKind = Scope['kind'];
export const scopeKinds: readonly ScopeKind[] = ['trusted', 'pull-request'];

/** What the bearer of a token may do. */
export interface Access {
  /** Whose request it is in figures and in the log. */
  readonly scope: Scope;
  /** Asked in this order. */
  readonly reads: readonly Scope[];
  /** Undefined where it may only read. */
  readonly writes?: Scope;
}

/** Lower case only: a drive that ignores case would take two names for one. */
export const scopeNamePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** Nx sends digits; other hashers send hexadecimals. */
export const hashPattern = /^[A-Za-z0-9_-]{1,128}$/;

export function scopeLabel(scope: Scope): string {
  return scope.kind === 'trusted' ? 'trusted' : `pull-request/${scope.name}`;
}

/** The name of an entry in the store. @param hash as `hashPattern` has it */
export function entryKey(scope: Scope, hash: string): string {
  return `${scopeLabel(scope)}/${hash}`;
}

/** The kind of scope that an object of the store is an entry of; undefined when it is none. */
export function kindOfKey(key: string): ScopeKind | undefined {
  const parts = key.split('/');
  const hash = parts.at(-1) ?? '';
  if (!hashPattern.test(hash)) return undefined;
  if (parts.length === 2 && parts[0] === 'trusted') return 'trusted';
  const isPullRequest =
    parts.length === 3 && parts[0] === 'pull-request' && scopeNamePattern.test(parts[1] ?? '');
  return isPullRequest ? 'pull-request' : undefined;
}
