/**
 * Lets a line through at most once an interval; of those that come in between, the latest is kept for `flush`.
 *
 * @param interval milliseconds
 * @param now milliseconds of a clock that does not run backwards
 */
export function throttle(
  print: (line: string) => void,
  interval: number,
  now: () => number,
): { push: (line: string) => void; flush: () => void } {
  let last = -Infinity;
  let waiting: string | undefined;
  const send = (line: string) => {
    last = now();
    waiting = undefined;
    print(line);
  };
  return {
    push(line) {
      if (now() - last >= interval) send(line);
      else waiting = line;
    },
    flush() {
      if (waiting !== undefined) send(waiting);
    },
  };
}
