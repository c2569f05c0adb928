import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  fileDigestSchema,
  layout,
  sha256OfBytes,
  writeAtomically,
  type FloatArray,
} from '@nx-mlops/core';
import { z } from 'zod';
import { npyBody, npyHeader, parseNpy } from '../../npy';

/** Raised when the same model gives other scores for the same split. */
const CONTRACT = 1;

/** Which model on which split. */
export interface ScoredSplit {
  /** A safe name, as in the registry. */
  readonly model: string;
  /** Digest of the version: of its manifest, which holds the digest of the model file. */
  readonly versionDigest: string;
  readonly splitSha256: string;
}

const sidecarSchema = z.strictObject({
  version: z.literal(CONTRACT),
  versionDigest: z.string(),
  splitSha256: z.string(),
  file: fileDigestSchema,
});

/**
 * Scores of champions on splits that they were not measured on, kept on this machine so that a champion is scored once.
 * A file is used only when its digest is the one that was noted beside it.
 */
export class ChampionScores {
  private readonly folder: string;

  constructor(workspaceRoot: string) {
    this.folder = join(workspaceRoot, layout.championScores);
  }

  /** @returns undefined where they are not kept, or are damaged */
  async read(which: ScoredSplit): Promise<FloatArray | undefined> {
    const [scores, sidecar] = this.files(which);
    try {
      const { file, versionDigest, splitSha256 } = sidecarSchema.parse(
        JSON.parse(await readFile(sidecar, 'utf8')),
      );
      const bytes = await readFile(scores);
      const isWhole = bytes.length === file.size && sha256OfBytes(bytes) === file.sha256;
      if (!isWhole || versionDigest !== which.versionDigest || splitSha256 !== which.splitSha256)
        return undefined;
      const { data } = parseNpy(bytes, scores);
      return data instanceof Float32Array || data instanceof Float64Array ? data : undefined;
    } catch {
      // Not there, or not whole: it is only a cache, and scoring again makes it anew.
      return undefined;
    }
  }

  /** Keeps scores; those of the model's former splits are removed, so that the folder does not grow for ever. */
  async write(which: ScoredSplit, data: FloatArray): Promise<void> {
    const [scores, sidecar] = this.files(which);
    const bytes = Buffer.concat([npyHeader({ data, shape: [data.length] }), npyBody(data)]);
    await writeAtomically(scores, bytes);
    const { versionDigest, splitSha256 } = which;
    const file = { sha256: sha256OfBytes(bytes), size: bytes.length };
    await writeAtomically(sidecar, canonicalJson({ version: CONTRACT, versionDigest, splitSha256, file }));
    const folder = join(this.folder, which.model);
    const old = (await readdir(folder)).filter((name) => !name.includes(short(splitSha256)));
    await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
  }

  private files({ model, versionDigest, splitSha256 }: ScoredSplit): [scores: string, sidecar: string] {
    const stem = join(this.folder, model, `${short(versionDigest)}-${short(splitSha256)}`);
    return [`${stem}.npy`, `${stem}.json`];
  }
}

function short(digest: string): string {
  return digest.slice(0, 16);
}
