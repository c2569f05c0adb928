import { MlopsError, messageOf } from '@nx-mlops/core';
import {
  PassingFailure,
  denied,
  notFound,
  type AddressReader,
  type RemoteBody,
  type RemoteFile,
} from './address-reader';
import { isLoopback, shownAddress } from './source-address';

/** Stands before a date that serves as an etag, where a server tells no better. */
const DATE = 'last-modified ';

/** How many seconds a server may take to begin its answer. */
const ANSWER_SECONDS = 60;

/** Reads https:// addresses, and http:// ones of this machine. */
export const httpsReader: AddressReader = {
  list: async (address) => [{ address }],

  async look(address, known, signal) {
    const head = await request(address, { method: 'HEAD' }, signal);
    // Some servers know GET only, and links that are signed hold for one method.
    if (head.ok) return describe(address, head);
    if (![400, 403, 404, 405, 501].includes(head.status)) throw failureOf(address, head);
    const conditional: Record<string, string> | undefined = known?.startsWith(DATE)
      ? { 'if-modified-since': known.slice(DATE.length) }
      : known === undefined
        ? undefined
        : { 'if-none-match': known };
    const got = await request(address, { headers: conditional }, signal);
    // The headers are enough.
    await got.body?.cancel();
    if (got.status === 304) return { address, etag: known };
    if (!got.ok) throw failureOf(address, got);
    return describe(address, got);
  },

  async read(address, from, signal): Promise<RemoteBody> {
    const conditions =
      from === undefined
        ? undefined
        : {
            range: `bytes=${from.start}-`,
            'if-range': from.etag.startsWith(DATE) ? from.etag.slice(DATE.length) : from.etag,
          };
    const response = await request(address, { headers: conditions }, signal);
    if (response.status === 416 && from !== undefined) {
      await response.body?.cancel();
      return httpsReader.read(address, undefined, signal);
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw failureOf(address, response);
    }
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    const { size, etag } = describe(address, response);
    return {
      body: bodyOf(address, response.body, signal),
      start: response.status === 206 ? Number(range?.[1] ?? 0) : 0,
      size: response.status === 206 ? (range === null ? undefined : Number(range[2])) : size,
      etag,
    };
  },
};

function describe(address: string, { headers }: Response): RemoteFile {
  const encoding = headers.get('content-encoding');
  const length = headers.get('content-length');
  const modified = headers.get('last-modified');
  const etag = headers.get('etag') ?? (modified === null ? undefined : `${DATE}${modified}`);
  return {
    address,
    // Of an encoded body it is the length on the way, not that of the file.
    ...(length === null || (encoding !== null && encoding !== 'identity') ? {} : { size: Number(length) }),
    ...(etag === undefined ? {} : { etag }),
  };
}

async function request(
  address: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ANSWER_SECONDS * 1000);
  try {
    const response = await fetch(address, {
      ...init,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'nx-mlops', ...init.headers },
      signal: AbortSignal.any([timeout.signal, ...(signal === undefined ? [] : [signal])]),
    });
    const at = new URL(response.url === '' ? address : response.url);
    if (at.protocol !== 'https:' && !isLoopback(at)) {
      await response.body?.cancel();
      throw new MlopsError(
        'MLOPS_REMOTE_FAILED',
        `${shownAddress(address)} leads on to ${shownAddress(at.href)}, which is sent in the clear. Use an https:// address that does not leave https.`,
      );
    }
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.signal.aborted) {
      throw new PassingFailure(
        'MLOPS_REMOTE_UNREACHABLE',
        `${shownAddress(address)} did not answer within ${ANSWER_SECONDS} s. Try again later.`,
      );
    }
    throw error instanceof MlopsError ? error : unreachable(address, error);
  } finally {
    clearTimeout(timer);
  }
}

async function* bodyOf(
  address: string,
  body: NonNullable<Response['body']>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      signal?.throwIfAborted();
      yield chunk as Uint8Array;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(address, error);
  }
}

function failureOf(address: string, { status, statusText }: Response): MlopsError {
  const said = `HTTP ${status}${statusText === '' ? '' : ` ${statusText}`}`;
  if (status === 404 || status === 410) return notFound(address, said);
  if (status === 401 || status === 403 || status === 407) return denied(address, said);
  const text = `${shownAddress(address)} cannot be fetched: the server says ${said}.`;
  return status >= 500 || status === 408 || status === 429
    ? new PassingFailure('MLOPS_REMOTE_FAILED', `${text} Try again later.`)
    : new MlopsError('MLOPS_REMOTE_FAILED', `${text} Look whether the address is right.`);
}

function unreachable(address: string, error: unknown): MlopsError {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const code = (cause as { code?: unknown }).code;
  const said = `${typeof code === 'string' ? `${code}: ` : ''}${messageOf(cause)}`;
  const shown = shownAddress(address);
  const location = {};
  const options = { cause: error };
  if (/redirect/i.test(said)) {
    return new MlopsError(
      'MLOPS_REMOTE_FAILED',
      `${shown} leads from one address to the next without end (${said}). Give the address where the file itself is.`,
      location,
      options,
    );
  }
  if (/CERT|SELF_SIGNED|SSL|TLS|ALTNAME|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/i.test(said)) {
    return new MlopsError(
      'MLOPS_REMOTE_UNREACHABLE',
      `${shown} cannot prove who it is (${said}). If its certificate is your own company's, name the authority's file in NODE_EXTRA_CA_CERTS.`,
      location,
      options,
    );
  }
  if (code === 'ENOTFOUND') {
    return new MlopsError(
      'MLOPS_REMOTE_UNREACHABLE',
      `${shown}: there is no such host (${said}). Mend the address, or look whether this machine is online.`,
      location,
      options,
    );
  }
  return new PassingFailure(
    'MLOPS_REMOTE_UNREACHABLE',
    `${shown} cannot be reached, or the connection broke off (${said}). Look whether this machine is online and may reach it, and try again; what has arrived is kept.`,
    location,
    options,
  );
}
