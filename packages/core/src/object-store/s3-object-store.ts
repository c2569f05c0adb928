import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../errors/mlops-error';
import { checkedKey } from './object-key';
import type { ObjectBody, ObjectInfo, ObjectStore, PutCondition, PutProgress } from './object-store';
import { s3Client, type S3Connection } from './s3-client';
import type { S3Location } from './s3-location';
import { PART_SIZE, putInParts } from './s3-multipart';
import { s3FailureOf, s3StoreError } from './s3-store-error';

/** A conditional put that collided with another one (409) says nothing of the condition and is tried again. */
const COLLISIONS = 8;
/** Keys that one DeleteObjects takes. */
const DELETED_AT_ONCE = 1000;

type Signal = { readonly signal?: AbortSignal };

/** Objects below a prefix of a bucket of any store that speaks S3. The AWS SDK is loaded by the first request. */
export class S3ObjectStore implements ObjectStore {
  readonly description: string;
  private connection: Promise<S3Connection> | undefined;
  private bucketSeen = false;

  /** @param environment where endpoint and region are looked for when the location names none */
  constructor(
    private readonly location: S3Location,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.description = `s3://${location.bucket}${location.prefix === '' ? '' : `/${location.prefix}`}`;
  }

  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.request(signal, async ({ sdk, client }, abort) => {
      const found = await client
        .send(new sdk.HeadObjectCommand(this.address(key)), abort)
        .catch((error: unknown) => this.absent(error, abort));
      if (found === undefined) return undefined;
      return infoFrom(key, found.ContentLength, found.ETag, found.LastModified);
    });
  }

  get(
    key: string,
    { range, signal }: Signal & { readonly range?: { readonly start: number; readonly end: number } } = {},
  ): ReturnType<ObjectStore['get']> {
    return this.request(signal, async ({ sdk, client }, abort) => {
      const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end}`;
      try {
        const found = await client.send(new sdk.GetObjectCommand({ ...this.address(key), Range }), abort);
        const size = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? found.ContentLength;
        const info = infoFrom(key, Number(size), found.ETag, found.LastModified);
        return { info, body: found.Body as Readable };
      } catch (error) {
        if (s3FailureOf(error).status !== 416) return this.absent(error, abort);
        const info = await this.head(key, signal);
        return info === undefined ? undefined : { info, body: Readable.from([]) };
      }
    });
  }

  put(
    key: string,
    body: ObjectBody,
    { ifAbsent, ifMatch, onSent, signal }: PutCondition & PutProgress & Signal = {},
  ): Promise<string | undefined> {
    return this.request(signal, async (connection, abort) => {
      const condition = {
        ...(ifAbsent === true ? { IfNoneMatch: '*' } : {}),
        ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
      };
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.putOnce(connection, key, body, condition, { ...abort, onSent });
        } catch (error) {
          const { name, status } = s3FailureOf(error);
          if (status === 412) return undefined;
          // With If-Match, an object that is gone does not match.
          if (ifMatch !== undefined && name === 'NoSuchKey') return undefined;
          if (status !== 409 || attempt === COLLISIONS) throw error;
          await sleep(20 * 2 ** attempt * Math.random(), undefined, { signal });
        }
      }
    });
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    const root = this.fullKey('');
    let token: string | undefined;
    do {
      const page = await this.request(signal, ({ sdk, client }, abort) =>
        client.send(
          new sdk.ListObjectsV2Command({
            Bucket: this.location.bucket,
            Prefix: `${root}${prefix}`,
            ContinuationToken: token,
          }),
          abort,
        ),
      );
      for (const { Key = '', Size, ETag, LastModified } of page.Contents ?? []) {
        // Some stores list folders, too.
        if (!Key.endsWith('/')) yield infoFrom(Key.slice(root.length), Size, ETag, LastModified);
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.request(signal, async ({ sdk, client }, abort) => {
      for (let start = 0; start < keys.length; start += DELETED_AT_ONCE) {
        const Objects = keys
          .slice(start, start + DELETED_AT_ONCE)
          .map((key) => ({ Key: this.fullKey(checkedKey(key)) }));
        const { Errors = [] } = await client.send(
          new sdk.DeleteObjectsCommand({
            Bucket: this.location.bucket,
            Delete: { Objects, Quiet: true },
          }),
          abort,
        );
        const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey');
        if (failed !== undefined) throw Object.assign(new Error(failed.Message ?? ''), { Code: failed.Code });
      }
    });
  }

  private async putOnce(
    { sdk, client }: S3Connection,
    key: string,
    body: ObjectBody,
    condition: { IfNoneMatch?: string; IfMatch?: string },
    { onSent, ...abort }: { abortSignal?: AbortSignal } & PutProgress,
  ): Promise<string | undefined> {
    const address = { ...this.address(key), ...condition };
    const size = 'file' in body ? (await stat(body.file)).size : body.length;
    if (size > PART_SIZE) {
      // A multipart upload is refused at its end, when all was sent.
      if (condition.IfNoneMatch !== undefined && (await this.head(key, abort.abortSignal)) !== undefined)
        return undefined;
      return putInParts({ sdk, client }, address, { body, size, onSent }, abort);
    }
    const bytes = 'file' in body ? await readFile(body.file) : body;
    const put = await client.send(
      new sdk.PutObjectCommand({ ...address, Body: bytes, ContentLength: bytes.length }),
      abort,
    );
    onSent?.(bytes.length);
    return put.ETag ?? '';
  }

  private address(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.location.bucket, Key: this.fullKey(checkedKey(key)) };
  }

  private fullKey(key: string): string {
    return this.location.prefix === '' ? key : `${this.location.prefix}/${key}`;
  }

  /** A HEAD that finds nothing does not say whether the bucket is there, so that is asked once. */
  private async absent(error: unknown, abort: { abortSignal?: AbortSignal }): Promise<undefined> {
    const { name, status } = s3FailureOf(error);
    if (name === 'NoSuchBucket' || status !== 404) throw error;
    if (!this.bucketSeen && name !== 'NoSuchKey') {
      const { sdk, client } = await (this.connection as Promise<S3Connection>);
      await client
        .send(new sdk.HeadBucketCommand({ Bucket: this.location.bucket }), abort)
        .catch((failure: unknown) => {
          if (s3FailureOf(failure).status === 404) throw Object.assign(new Error(), { Code: 'NoSuchBucket' });
        });
    }
    this.bucketSeen = true;
    return undefined;
  }

  private async request<T>(
    signal: AbortSignal | undefined,
    work: (connection: S3Connection, abort: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    this.connection ??= s3Client(this.location, this.environment);
    try {
      return await work(await this.connection, { abortSignal: signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MlopsError) throw error;
      const endpoint = (await this.connection.catch(() => undefined))?.endpoint;
      throw s3StoreError(error, this.description, endpoint, this.location.configKey);
    }
  }
}

function infoFrom(
  key: string,
  size: number | undefined,
  etag: string | undefined,
  modified: Date | undefined,
): ObjectInfo {
  return { key, size: size ?? 0, etag: etag ?? '', modified: modified?.getTime() ?? 0 };
}
