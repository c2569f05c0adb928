/** Where the server's plain lines go. */
export interface Logger {
  info(line: string): void;
  warn(line: string): void;
}

export const silentLogger: Logger = { info: () => undefined, warn: () => undefined };

/** Each distinct line once, until `forget`: a poll that fails twice a second must not fill the disk. */
export class RepeatFilter {
  #last = new Map<string, string>();

  constructor(private readonly logger: Logger) {}

  warn(subject: string, line: string): void {
    if (this.#last.get(subject) === line) return;
    this.#last.set(subject, line);
    this.logger.warn(line);
  }

  /** True when there was something to forget: the subject is well again. */
  forget(subject: string): boolean {
    return this.#last.delete(subject);
  }
}
