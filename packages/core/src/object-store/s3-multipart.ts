import type * as S3 from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { MlopsError } from '../errors/mlops-error';
import type { ObjectBody, PutProgress } from './object-store';
import { s3FailureOf } from './s3-store-error';

/** Bytes of a part. What is not longer goes up in one request. */
export const PART_SIZE = 8 * 1024 * 1024;
/** Of one object; with the size of a part that bounds the memory. */
const PARTS_AT_ONCE = 4;
/** S3 takes 10,000 parts. */
const MOST_PARTS = 9_000;

interface Upload {
  readonly connection: { readonly sdk: typeof S3; readonly client: S3.S3Client };
  readonly address: { readonly Bucket: string; readonly Key: string };
  readonly id: string;
  readonly abort: { readonly abortSignal?: AbortSignal };
}

/** What is put, and who wants to know how far it is. */
interface Content extends PutProgress {
  readonly body: ObjectBody;
  /** Bytes. */
  readonly size: number;
}

/** A part that the store has. */
interface StoredPart {
  readonly size: number;
  readonly etag: string;
}

/**
 * Puts a big object in parts. With `IfNoneMatch`, which objects named by their content have, an upload of that key
 * that was broken off is taken up: its parts count whose MD5 is that of the bytes here.
 *
 * @returns the etag
 */
export async function putInParts(
  connection: Upload['connection'],
  address: { Bucket: string; Key: string; IfNoneMatch?: string; IfMatch?: string },
  content: Content,
  abort: Upload['abort'],
): Promise<string> {
  const { Bucket, Key, ...condition } = address;
  const open = { connection, address: { Bucket, Key }, abort };
  const resumed =
    condition.IfNoneMatch === undefined ? undefined : await findUpload(open).catch(() => undefined);
  if (resumed !== undefined) {
    try {
      return await sendParts(resumed, condition, content, await storedParts(resumed));
    } catch (error) {
      // Somebody else finished or dropped it meanwhile, or the bytes are of another size.
      if (!['NoSuchUpload', 'InvalidPart', 'EntityTooSmall'].includes(s3FailureOf(error).name)) throw error;
    }
  }
  const { sdk, client } = connection;
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key }), abort);
  return sendParts({ ...open, id: UploadId ?? '' }, condition, content, new Map());
}

async function findUpload({
  connection: { sdk, client },
  address,
  abort,
}: Omit<Upload, 'id'>): Promise<Upload | undefined> {
  const { Uploads = [] } = await client.send(
    new sdk.ListMultipartUploadsCommand({ Bucket: address.Bucket, Prefix: address.Key }),
    abort,
  );
  const found = Uploads.filter(({ Key }) => Key === address.Key)
    .sort((a, b) => (b.Initiated?.getTime() ?? 0) - (a.Initiated?.getTime() ?? 0))
    .at(0);
  return found?.UploadId === undefined
    ? undefined
    : { connection: { sdk, client }, address, abort, id: found.UploadId };
}

async function storedParts({ connection: { sdk, client }, address, id, abort }: Upload) {
  const parts = new Map<number, StoredPart>();
  let marker: string | undefined;
  do {
    const page: S3.ListPartsCommandOutput = await client.send(
      new sdk.ListPartsCommand({ ...address, UploadId: id, PartNumberMarker: marker }),
      abort,
    );
    for (const { PartNumber, Size, ETag } of page.Parts ?? []) {
      if (PartNumber !== undefined) parts.set(PartNumber, { size: Size ?? -1, etag: ETag ?? '' });
    }
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

async function sendParts(
  upload: Upload,
  condition: { IfNoneMatch?: string; IfMatch?: string },
  { body, size, onSent }: Content,
  stored: ReadonlyMap<number, StoredPart>,
): Promise<string> {
  const { connection, address, id, abort } = upload;
  const { sdk, client } = connection;
  const partSize = Math.max(PART_SIZE, Math.ceil(size / MOST_PARTS / 1024) * 1024);
  const count = Math.ceil(size / partSize);
  const etags = new Array<string>(count);
  const handle = 'file' in body ? await open(body.file) : undefined;
  try {
    const numbers = Array.from({ length: count }, (_, index) => index).values();
    let failed = false;
    const worker = async () => {
      for (const index of numbers) {
        if (failed) return;
        try {
          const start = index * partSize;
          const bytes = await bytesOf(body, handle, start, Math.min(partSize, size - start));
          etags[index] = await sendPart(upload, index + 1, bytes, stored.get(index + 1));
          onSent?.(bytes.length);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const results = await Promise.allSettled(
      Array.from({ length: Math.min(PARTS_AT_ONCE, count) }, () => worker()),
    );
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  } finally {
    await handle?.close();
  }
  const done = await client.send(
    new sdk.CompleteMultipartUploadCommand({
      ...address,
      ...condition,
      UploadId: id,
      MultipartUpload: { Parts: etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) },
    }),
    abort,
  );
  return done.ETag ?? '';
}

async function sendPart(
  { connection: { sdk, client }, address, id, abort }: Upload,
  number: number,
  bytes: Uint8Array,
  stored: StoredPart | undefined,
): Promise<string> {
  if (stored?.size === bytes.length && stored.etag.replaceAll('"', '') === md5(bytes)) return stored.etag;
  const { ETag } = await client.send(
    new sdk.UploadPartCommand({
      ...address,
      UploadId: id,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.length,
    }),
    abort,
  );
  return ETag ?? '';
}

async function bytesOf(
  body: ObjectBody,
  handle: FileHandle | undefined,
  start: number,
  length: number,
): Promise<Uint8Array> {
  if (handle === undefined) return (body as Uint8Array).subarray(start, start + length);
  const bytes = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) {
      throw new MlopsError(
        'MLOPS_FILE_CHANGED',
        'became shorter while it was being sent. Run again once nothing writes to it.',
        { file: 'file' in body ? body.file : undefined },
      );
    }
    filled += bytesRead;
  }
  return bytes;
}

/** What S3 gives a part as its etag, save with some kinds of encryption; then the part is sent again. */
function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
