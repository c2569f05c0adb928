import { messageOf } from '@nx-mlops/core';
import { ApiFailure } from './api-failure';

/** Milliseconds until a call is given up. */
const TIMEOUT = 20_000;

/** Statuses of an overloaded or restarting server. */
const PASSING = new Set([429, 500, 502, 503, 504]);

export interface ApiOptions {
  /** Such as `https://api.github.com`. */
  readonly baseUrl: string;
  /** Sent with each call; the token is among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Milliseconds. @default 20,000 */
  readonly timeout?: number;
}

export interface ApiAnswer {
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown;
  readonly headers: Headers;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Calls of one JSON API with one token. Each method is a single attempt: what may be repeated the caller knows. */
export class ApiClient {
  constructor(private readonly options: ApiOptions) {}

  /**
   * @param path below the base URL, or an address that the API itself gave for a next page
   * @throws ApiFailure for anything but a good answer
   */
  async call(method: Method, path: string, body?: unknown): Promise<ApiAnswer> {
    const { baseUrl, headers, signal, timeout = TIMEOUT } = this.options;
    const url = this.addressOf(path);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: {
          'user-agent': 'nx-mlops',
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // Fetch would turn a redirected POST into a GET without a word.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      });
      text = await response.text();
    } catch (error) {
      signal.throwIfAborted();
      throw new ApiFailure(
        `${baseUrl} did not answer: ${reasonOf(error)}`,
        { isPassing: true },
        { cause: error },
      );
    }
    if (!response.ok) throw failureOf(response, text);
    try {
      return { body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
    } catch (error) {
      throw new ApiFailure(
        `${baseUrl} answered ${method} with something that is no JSON. Is that the address of the API?`,
        { status: response.status, isPassing: false },
        { cause: error },
      );
    }
  }

  /** The token goes to no other host, whatever an answer names as its next page. */
  private addressOf(path: string): string {
    if (!/^https?:/.test(path)) return `${this.options.baseUrl.replace(/\/+$/, '')}${path}`;
    if (new URL(path).origin === new URL(this.options.baseUrl).origin) return path;
    throw new ApiFailure(`${this.options.baseUrl} names a next page on another host.`, { isPassing: false });
  }
}

function failureOf(response: Response, text: string): ApiFailure {
  const { status, headers } = response;
  const retryAfter = waitAskedBy(headers);
  // GitHub answers 403 to too many calls, too, and says so in the headers alone.
  const isLimited =
    status === 403 && (retryAfter !== undefined || headers.get('x-ratelimit-remaining') === '0');
  return new ApiFailure(`status ${status}${messageIn(text)}`, {
    status,
    isPassing: PASSING.has(status) || isLimited,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** Seconds: `Retry-After` in seconds or as a date, else when GitHub's quota is filled again. */
function waitAskedBy(headers: Headers): number | undefined {
  const after = headers.get('retry-after')?.trim();
  if (after !== undefined && after !== '') {
    const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
    return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
  }
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  return headers.get('x-ratelimit-remaining') === '0' && !Number.isNaN(reset)
    ? Math.max(0, reset - Date.now() / 1000)
    : undefined;
}

/** The message of GitHub or GitLab in short; the page of a proxy says nothing to anybody. */
function messageIn(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    const said = message ?? error;
    if (said === undefined || said === null) return '';
    const words = typeof said === 'string' ? said : JSON.stringify(said);
    return `, "${words.replace(/\s+/g, ' ').slice(0, 200)}"`;
  } catch {
    return '';
  }
}

/** Fetch says "fetch failed" and keeps the reason, such as ECONNREFUSED, in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined || cause === null ? messageOf(error) : messageOf(cause) || messageOf(error);
}
