import { z } from 'zod';
import { canonicalJson } from '../files/canonical-json';
import { sha256OfBytes } from '../files/sha256';
import { modelSummarySchema } from './summary';

/** `models/<name>/state.json`: what a log comes to up to a place in it. */
const snapshotSchema = z.strictObject({
  schemaVersion: z.literal(1),
  position: z.strictObject({ seq: z.int().min(1), hash: z.string(), mark: z.string() }),
  summary: modelSummarySchema,
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** With the sha256 of the canonical JSON of all the rest. */
export function formatSnapshot(snapshot: Snapshot): string {
  return `${JSON.stringify({ ...snapshot, sha256: checksumOf(snapshot) })}\n`;
}

/** Undefined when it is torn, of another form, of another model, or not what its checksum says. */
export function parseSnapshot(text: string, model: string): Snapshot | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== 'object') return undefined;
  const { sha256, ...rest } = value as Record<string, unknown>;
  if (sha256 !== checksumOf(rest)) return undefined;
  const snapshot = snapshotSchema.safeParse(rest).data;
  if (snapshot === undefined || snapshot.summary.model !== model) return undefined;
  return snapshot.summary.lastSeq === snapshot.position.seq ? snapshot : undefined;
}

function checksumOf(rest: object): string {
  return sha256OfBytes(canonicalJson(rest));
}
