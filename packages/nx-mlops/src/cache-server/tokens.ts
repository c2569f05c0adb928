import { MlopsError } from '@nx-mlops/core';
import { createHash, timingSafeEqual } from 'node:crypto';
import { scopeNamePattern, type Access, type Scope } from './scope';

export const tokenVariables = {
  trusted: 'NX_MLOPS_CACHE_TRUSTED_TOKEN',
  pullRequest: 'NX_MLOPS_CACHE_PULL_REQUEST_TOKEN',
  read: 'NX_MLOPS_CACHE_READ_TOKEN',
} as const;

/** The scope of a pull request token that came without a name. */
export const SHARED_PULL_REQUEST_SCOPE = 'pull-requests';
const MIN_TOKEN_LENGTH = 16;
const trusted: Scope = { kind: 'trusted' };
const everything: Access = { scope: trusted, reads: [trusted], writes: trusted };

/**
 * Who may do what:
 *
 * | token                        | reads                 | writes    |
 * | ---------------------------- | --------------------- | --------- |
 * | trusted                      | trusted               | trusted   |
 * | pull request, then `.<name>` | trusted, then its own | its own   |
 * | read                         | trusted               | nothing   |
 *
 * Nx sends its token unchanged, so the name of a pull request comes behind a dot of the token itself, which CI puts there.
 */
export class CacheTokens {
  private constructor(
    private readonly tokens: Readonly<Partial<Record<keyof typeof tokenVariables, string>>>,
  ) {}

  /** @throws MlopsError MLOPS_CACHE_TOKENS for tokens that are short, equal, or without a trusted one */
  static fromEnvironment(environment: NodeJS.ProcessEnv): CacheTokens {
    const of = (variable: string) => environment[variable]?.trim() || undefined;
    const tokens = {
      trusted: of(tokenVariables.trusted),
      pullRequest: of(tokenVariables.pullRequest),
      read: of(tokenVariables.read),
    };
    const given = Object.values(tokens).filter((token) => token !== undefined);
    if (given.length > 0 && tokens.trusted === undefined) {
      throw refused(`${tokenVariables.trusted} is missing: nothing could be written for trusted branches.`);
    }
    if (given.some((token) => token.length < MIN_TOKEN_LENGTH)) {
      throw refused(
        `A token has fewer than ${MIN_TOKEN_LENGTH} characters. Make one by: openssl rand -hex 32.`,
      );
    }
    if (given.some((token) => !/^[\x21-\x7e]+$/.test(token))) {
      throw refused('A token has blanks or other characters that an HTTP header does not carry.');
    }
    const { pullRequest } = tokens;
    const isOfPullRequest = (token: string | undefined) =>
      pullRequest !== undefined && token?.startsWith(`${pullRequest}.`) === true;
    if (
      new Set(given).size < given.length ||
      isOfPullRequest(tokens.trusted) ||
      isOfPullRequest(tokens.read)
    ) {
      throw refused('Two tokens are the same, or one is the pull request token with a name behind it.');
    }
    return new CacheTokens(tokens);
  }

  /** False where everybody may read and write all: good for the own machine only. */
  get areSet(): boolean {
    return this.tokens.trusted !== undefined;
  }

  /**
   * Compares in a time that tells nothing of the tokens.
   *
   * @param authorization the header as it came
   * @returns undefined for who may do nothing
   */
  authorize(authorization: string | undefined): Access | undefined {
    if (!this.areSet) return everything;
    const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '';
    const dot = bearer.lastIndexOf('.');
    const isTrusted = isEqual(bearer, this.tokens.trusted);
    const isRead = isEqual(bearer, this.tokens.read);
    const isShared = isEqual(bearer, this.tokens.pullRequest);
    const isNamed = isEqual(dot === -1 ? '' : bearer.slice(0, dot), this.tokens.pullRequest);
    if (isTrusted) return everything;
    if (isRead) return { scope: trusted, reads: [trusted] };
    if (isShared) return ofPullRequest(SHARED_PULL_REQUEST_SCOPE);
    const name = bearer.slice(dot + 1);
    return isNamed && scopeNamePattern.test(name) ? ofPullRequest(name) : undefined;
  }
}

function ofPullRequest(name: string): Access {
  const own: Scope = { kind: 'pull-request', name };
  return { scope: own, reads: [trusted, own], writes: own };
}

/** Digests have one length, which a comparison in constant time needs. */
function isEqual(given: string, token: string | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token ?? '')) && token !== undefined;
}

function refused(what: string): MlopsError {
  return new MlopsError('MLOPS_CACHE_TOKENS', `The cache server does not start: ${what}`);
}
