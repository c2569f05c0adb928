/** One command of the bin. */
export interface Command {
  /** Printed for `--help`. */
  readonly help: string;
  /**
   * @param args that follow the name of the command
   * @returns false when it did its work and the answer is no; the exit code is then 1
   * @throws MlopsError for what a person can mend
   */
  run(args: readonly string[]): Promise<boolean>;
}
