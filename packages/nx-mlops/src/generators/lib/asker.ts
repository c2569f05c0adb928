/** Asks the user at the terminal. */
export interface Asker {
  /** One of the choices. */
  select(message: string, choices: readonly string[], initial: string): Promise<string>;
  /** One or more of the choices, in their order. */
  selectSome(message: string, choices: readonly string[], initial: readonly string[]): Promise<string[]>;
}

/**
 * The asker of this terminal; undefined where nobody can answer: no terminal, CI, or `--no-interactive`. The same rule as
 * first-party generators go by.
 */
export function terminalAsker(
  env: NodeJS.ProcessEnv = process.env,
  isTerminal: boolean = process.stdout.isTTY === true && process.stdin.isTTY === true,
): Asker | undefined {
  const isCi = env['CI'] !== undefined && env['CI'] !== 'false' && env['CI'] !== '';
  return isTerminal && !isCi && env['NX_INTERACTIVE'] === 'true' ? terminal : undefined;
}

const terminal: Asker = {
  async select(message, choices, initial) {
    const { answer } = await prompt<string>({
      type: 'autocomplete',
      name: 'answer',
      message,
      choices: [...choices],
      initial: Math.max(0, choices.indexOf(initial)),
    });
    return answer;
  },
  async selectSome(message, choices, initial) {
    const { answer } = await prompt<string[]>({
      type: 'multiselect',
      name: 'answer',
      message: `${message} (space chooses, enter goes on)`,
      choices: [...choices],
      initial: [...initial],
      validate: (chosen) => chosen.length > 0 || 'Choose at least one.',
    });
    return choices.filter((choice) => answer.includes(choice));
  },
};

interface Question<Answer> {
  readonly type: 'autocomplete' | 'multiselect';
  readonly name: 'answer';
  readonly message: string;
  readonly choices: string[];
  readonly initial: number | string[];
  readonly validate?: (answer: Answer) => true | string;
}

/** Loaded only when something is asked. */
async function prompt<Answer>(question: Question<Answer>): Promise<{ answer: Answer }> {
  const { default: enquirer } = await import('enquirer');
  // Its own types know neither `autocomplete` nor a list as `initial`.
  return enquirer.prompt<{ answer: Answer }>(question as unknown as Parameters<typeof enquirer.prompt>[0]);
}
