import { randomFillSync } from 'node:crypto';
import { mkdir, open, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PER_FOLDER = 1000;

/** Writes `count` files of `bytes` random bytes each, a thousand a folder. */
export async function makeManyFiles(folder, count, bytes) {
  const block = Buffer.alloc(bytes);
  for (let start = 0; start < count; start += PER_FOLDER) {
    const part = join(folder, String(start / PER_FOLDER).padStart(4, '0'));
    await mkdir(part, { recursive: true });
    for (let index = start; index < Math.min(count, start + PER_FOLDER); index++)
      await writeFile(join(part, `${String(index).padStart(6, '0')}.bin`), randomFillSync(block));
  }
}

/** Writes one large file. Its blocks repeat: no digest is the quicker for it. */
export async function makeBigFile(file, bytes) {
  const block = randomFillSync(Buffer.alloc(Math.min(bytes, 64 * 2 ** 20)));
  const handle = await open(file, 'w');
  try {
    for (let written = 0; written < bytes; written += block.length)
      await handle.write(block, 0, Math.min(block.length, bytes - written));
  } finally {
    await handle.close();
  }
}

/** @throws Error when the file system of the folder has fewer bytes free */
export async function assertFree(folder, bytes) {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) {
    throw new Error(
      `This figure needs ${Math.ceil(bytes / 1e9)} GB free below ${folder}; there are ${Math.floor((bavail * bsize) / 1e9)} GB.`,
    );
  }
}
