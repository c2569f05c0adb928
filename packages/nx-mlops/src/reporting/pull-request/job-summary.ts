import { appendFile, stat } from 'node:fs/promises';

/** Bytes of all that a step writes; GitHub drops the whole summary when it is more. */
const LIMIT = 1024 * 1024;

/**
 * Adds the report to the summary of a GitHub Actions job, within what is left of its limit.
 *
 * @param file that GITHUB_STEP_SUMMARY names
 * @param render gives the report in at most so many characters
 * @returns whether there was room for anything
 */
export async function writeJobSummary(file: string, render: (limit: number) => string): Promise<boolean> {
  const used = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const room = LIMIT - used - 2;
  if (room < 2_000) return false;
  let text = render(room);
  // A character may take several bytes.
  for (let limit = room; Buffer.byteLength(text) > room && limit > 2_000; limit = Math.floor(limit * 0.8)) {
    text = render(limit);
  }
  if (Buffer.byteLength(text) > room) return false;
  await appendFile(file, `${text.trimEnd()}\n`);
  return true;
}
