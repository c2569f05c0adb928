import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, MlopsError } from '../../errors/mlops-error';
import { isPassing, mlflowFailure, mlflowUnreachable, type MlflowAnswer } from './mlflow-failure';

export interface MlflowClientOptions {
  /** Where credentials are looked for. @default that of the process */
  readonly environment?: NodeJS.ProcessEnv;
  /** How long one request of the API may take. ms @default 30 s */
  readonly timeout?: number;
  /** How long one file may take. ms @default 30 min */
  readonly transferTimeout?: number;
  /** Pauses before a request is repeated that was not answered, or with a passing failure. ms */
  readonly pauses?: readonly number[];
}

interface Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Codes of MLflow that are no failure: the answer is undefined then. */
  readonly unless?: readonly string[];
  /** Whether it may be sent twice. @default true */
  readonly repeatable?: boolean;
}

/** A file in an artifact folder. */
export interface Artifact {
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes; 0 of a folder. */
  readonly size: number;
}

const MINUTE = 60_000;

/**
 * Requests to the REST API of an MLflow tracking server and to its artifact proxy.
 *
 * Every method throws MlopsError: MLOPS_MLFLOW_UNREACHABLE, MLOPS_MLFLOW_DENIED, MLOPS_MLFLOW_UNFIT, MLOPS_MLFLOW_FAILED.
 */
export class MlflowClient {
  private readonly headers: Record<string, string>;
  private readonly timeout: number;
  private readonly transferTimeout: number;
  private readonly pauses: readonly number[];

  /** @param server its address, without a slash at its end */
  constructor(
    readonly server: string,
    options: MlflowClientOptions = {},
  ) {
    this.headers = credentials(options.environment ?? process.env);
    this.timeout = options.timeout ?? MINUTE / 2;
    this.transferTimeout = options.transferTimeout ?? 30 * MINUTE;
    this.pauses = options.pauses ?? [250, 1000, 3000];
  }

  /** The version of MLflow as the server gives it, such as `3.17.2`; undefined when it gives none. */
  async version(): Promise<string | undefined> {
    const response = await this.send('/version', { method: 'GET' }, this.timeout);
    return response.ok ? (await response.text()).trim() : undefined;
  }

  /** @param path below `/api/2.0/mlflow/` */
  get(path: string, call: Omit<Call, 'body'> = {}): Promise<unknown> {
    return this.call('GET', path, call);
  }

  post(path: string, body: unknown, call: Omit<Call, 'body' | 'query'> = {}): Promise<unknown> {
    return this.call('POST', path, { ...call, body });
  }

  delete(path: string, body: unknown, call: Omit<Call, 'body' | 'query'> = {}): Promise<unknown> {
    return this.call('DELETE', path, { ...call, body });
  }

  /** @param content text, or a local file */
  async putArtifact(path: string, content: string | { readonly file: string }): Promise<void> {
    const type = { 'content-type': 'application/octet-stream' };
    const length = typeof content === 'string' ? Buffer.byteLength(content) : (await stat(content.file)).size;
    // A body for each attempt, since a stream is read but once.
    const request = (): RequestInit & { duplex?: 'half' } =>
      typeof content === 'string'
        ? { method: 'PUT', headers: type, body: content }
        : {
            method: 'PUT',
            headers: { ...type, 'content-length': String(length) },
            body: Readable.toWeb(createReadStream(content.file)) as RequestInit['body'],
            duplex: 'half',
          };
    const response = await this.send(artifactPath(path), request, this.transferTimeout);
    if (!response.ok) throw mlflowFailure(await answerOf(response), this.server);
    await response.arrayBuffer();
  }

  /** Its bytes; undefined when there is no such file. */
  async getArtifact(path: string): Promise<Readable | undefined> {
    const response = await this.send(artifactPath(path), { method: 'GET' }, this.transferTimeout);
    if (response.ok && response.body !== null) {
      return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    }
    const answer = await answerOf(response);
    if (answer.status === 404) return undefined;
    throw mlflowFailure(answer, this.server);
  }

  /** What a folder holds; nothing when there is none. */
  async listArtifacts(path: string): Promise<Artifact[]> {
    const query = new URLSearchParams({ path });
    const response = await this.send(`${ARTIFACTS}?${query}`, { method: 'GET' }, this.timeout);
    if (!response.ok) throw mlflowFailure(await answerOf(response), this.server);
    const { files = [] } = (await this.parsed(response)) as { files?: RawArtifact[] };
    return files.map(({ path: found, is_dir, file_size }) => ({
      name: found.slice(found.lastIndexOf('/') + 1),
      isFolder: is_dir === true,
      size: Number(file_size ?? 0),
    }));
  }

  /** A file or a folder with all in it; nothing happens when there is none. */
  async deleteArtifact(path: string): Promise<void> {
    const response = await this.send(artifactPath(path), { method: 'DELETE' }, this.timeout);
    if (response.ok) return;
    const answer = await answerOf(response);
    if (answer.status !== 404) throw mlflowFailure(answer, this.server);
  }

  private async call(
    method: string,
    path: string,
    { query, body, unless = [], repeatable = true }: Call,
  ): Promise<unknown> {
    const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
    const request: RequestInit = {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    };
    const pauses = repeatable ? this.pauses : [];
    const response = await this.send(`/api/2.0/mlflow/${path}${search}`, request, this.timeout, pauses);
    if (response.ok) return this.parsed(response);
    const answer = await answerOf(response);
    if (answer.errorCode !== undefined && unless.includes(answer.errorCode)) return undefined;
    throw mlflowFailure(answer, this.server);
  }

  private async send(
    path: string,
    request: RequestInit | (() => RequestInit),
    timeout: number,
    pauses = this.pauses,
  ): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const init = typeof request === 'function' ? request() : request;
      const pause = pauses[attempt];
      try {
        const response = await fetch(`${this.server}${path}`, {
          ...init,
          headers: { ...this.headers, ...(init.headers as Record<string, string>) },
          signal: AbortSignal.timeout(timeout),
        });
        if (response.ok || pause === undefined) return response;
        if (!isPassing(await answerOf(response.clone()))) return response;
        await response.body?.cancel();
      } catch (error) {
        if (error instanceof MlopsError) throw error;
        if (pause === undefined) throw mlflowUnreachable(this.server, reasonOf(error), error);
      }
      await sleep(pause);
    }
  }

  private async parsed(response: Response): Promise<unknown> {
    const text = await response.text();
    try {
      return JSON.parse(text === '' ? '{}' : text);
    } catch (error) {
      throw new MlopsError(
        'MLOPS_MLFLOW_UNFIT',
        `what answers here is not MLflow: it gave ${JSON.stringify(text.slice(0, 80))}. Check the address in "registry" of mlops.json, and whether a login page stands before the server.`,
        { file: this.server },
        { cause: error },
      );
    }
  }
}

const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';

interface RawArtifact {
  readonly path: string;
  readonly is_dir?: boolean;
  readonly file_size?: number | string;
}

function artifactPath(path: string): string {
  return `${ARTIFACTS}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** As MLflow's own client: a name with a password before a token. */
function credentials(environment: NodeJS.ProcessEnv): Record<string, string> {
  const {
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
    MLFLOW_TRACKING_TOKEN: token,
  } = environment;
  if (user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }
  return token ? { authorization: `Bearer ${token}` } : {};
}

async function answerOf(response: Response): Promise<MlflowAnswer> {
  const text = await response.text();
  const { status } = response;
  try {
    const { error_code: errorCode, message } = JSON.parse(text) as { error_code?: string; message?: string };
    return { status, errorCode, message: message ?? text.slice(0, 200) };
  } catch {
    const isPage = text.trimStart().startsWith('<');
    const words = isPage ? '' : text.slice(0, 200).trim();
    return { status, errorCode: undefined, message: words === '' ? response.statusText : words };
  }
}

/** What the network says, which fetch hides behind "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: string; message?: string }; name?: string };
  if (name === 'TimeoutError') return 'no answer in time';
  return cause?.code ?? cause?.message ?? messageOf(error);
}
