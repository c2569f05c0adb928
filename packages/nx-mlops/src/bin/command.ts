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

/** Commands under one name, each loaded only when it is asked for. */
export interface CommandGroup {
  /** Printed for `--help`, and where no command is named. */
  readonly help: string;
  readonly commands: Readonly<Record<string, () => Command | CommandGroup>>;
}
