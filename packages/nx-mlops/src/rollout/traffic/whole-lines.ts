import { MlopsError } from '@nx-mlops/core';

/** A longer line is no traffic record, and would have to be held in memory. */
const LONGEST = 4_000_000;

/**
 * The lines of a text that comes in chunks. What follows the last newline is left out: whoever writes it has not finished,
 * or was killed. Blank lines are left out too.
 *
 * @param file named in the error
 * @yields each with its number, from 1 on
 * @throws MlopsError MLOPS_TRAFFIC_BROKEN for a line of more than four million characters
 */
export async function* wholeLines(
  chunks: AsyncIterable<string>,
  file: string,
): AsyncGenerator<{ readonly text: string; readonly number: number }> {
  let rest = '';
  let number = 0;
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      number++;
      if (text.trim() !== '') yield { text, number };
    }
    if (rest.length > LONGEST) {
      throw new MlopsError(
        'MLOPS_TRAFFIC_BROKEN',
        `line ${number + 1} has more than ${LONGEST} characters, which no traffic record has. Is this a JSON Lines file?`,
        { file },
      );
    }
  }
}
