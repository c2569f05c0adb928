/** A line that a process wrote. */
export interface OutputLine {
  readonly text: string;
  /** Ended by a carriage return: a progress bar that the next write was to draw over. */
  readonly transient: boolean;
}

/** Longest line that is held back in the hope of its end; longer ones are cut here, so that memory stays flat. */
const longestLine = 10_000;

/**
 * Cuts a stream of text into lines: `\n`, `\r\n`, and a lone `\r`, as progress bars write it.
 *
 * @returns `write` for each chunk as it comes, `end` for what is left without a line end
 */
export function lineSplitter(onLine: (line: OutputLine) => void): {
  write: (chunk: string) => void;
  end: () => void;
} {
  let rest = '';
  const emit = (text: string, transient: boolean) => {
    if (text !== '' || !transient) onLine({ text, transient });
  };
  return {
    write(chunk) {
      rest += chunk;
      let start = 0;
      // A carriage return at the very end may be the first half of \r\n, so it waits for the next chunk.
      for (const match of rest.matchAll(/\r\n|\n|\r(?=[^\n])/g)) {
        emit(rest.slice(start, match.index), match[0] === '\r');
        start = match.index + match[0].length;
      }
      rest = rest.slice(start);
      while (rest.length > longestLine) {
        emit(rest.slice(0, longestLine), false);
        rest = rest.slice(longestLine);
      }
    },
    end() {
      const text = rest.replace(/\r$/, '');
      rest = '';
      if (text !== '') emit(text, false);
    },
  };
}
