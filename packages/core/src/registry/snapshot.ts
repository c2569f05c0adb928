import { z } from 'zod';
import { sha256OfBytes } from '../files/sha256';
import { modelSummarySchema } from './summary';

/** `models/<name>/state.json`: what a log comes to up to a place in it. */
const snapshotSchema = z.strictObject({
  schemaVersion: z.literal(1),
  position: z.strictObject({ seq: z.int().min(1), hash: z.string(), mark: z.string() }),
  summary: modelSummarySchema,
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** A line of JSON, and a line with the sha256 of it. */
export function formatSnapshot(snapshot: Snapshot): string {
  const text = JSON.stringify(snapshot);
  return `${text}\n${sha256OfBytes(text)}\n`;
}

/** Undefined when it is torn, of another form, of another model, or not what its checksum says. */
export function parseSnapshot(text: string, model: string): Snapshot | undefined {
  const [line = '', sha256] = text.split('\n');
  if (sha256 !== sha256OfBytes(line)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const snapshot = snapshotSchema.safeParse(value).data;
  if (snapshot === undefined || snapshot.summary.model !== model) return undefined;
  return snapshot.summary.lastSeq === snapshot.position.seq ? snapshot : undefined;
}
