import { MlopsError } from '@nx-mlops/core';
import type { OutputTail } from './output-tail';
import type { ProcessEnd } from './run-process';

/** A script as its failure names it. */
export interface FailedScript {
  /** Code of the error. */
  readonly code: MlopsError['code'];
  /** Begins the sentence: `The training of "late"`. */
  readonly subject: string;
  /** The command as people recognise it. */
  readonly shown: string;
  /** Path of the object in the config that says what is run: `training`. */
  readonly configPath: string;
  readonly timeoutMinutes?: number;
  /** Said of a script that ran out of time, such as what is kept of it. */
  readonly afterTimeout?: string;
  readonly tail: OutputTail;
}

/** The error for a script that did not end well; undefined for exit code 0. */
export function scriptFailure(end: ProcessEnd, script: FailedScript): MlopsError | undefined {
  const { code, subject, shown, configPath, tail } = script;
  const failed = (what: string) => new MlopsError(code, `${subject} (${shown}) ${what}`);
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? undefined : failed(`ended with exit code ${end.code}.${tail}`);
    case 'killed':
      return failed(
        `was killed by ${end.signal}${end.signal === 'SIGKILL' ? ', often because memory ran out' : ''}.${tail}`,
      );
    case 'timed-out':
      return failed(
        `was stopped after ${script.timeoutMinutes} minutes, as ${configPath}.timeoutMinutes says.${script.afterTimeout === undefined ? '' : ` ${script.afterTimeout}`}${tail}`,
      );
    case 'not-started':
      return failed(
        end.code === 'ENOENT'
          ? `could not be started: there is no such program on PATH. Install it, or correct ${configPath}.command.`
          : end.code === 'EACCES'
            ? `could not be started: the file is not executable. Set its executable bit, or name the interpreter in ${configPath}.command.`
            : `could not be started: ${end.message}`,
      );
  }
}
