import { OutputTail } from './output-tail';
import { runProcess } from './run-process';
import { scriptEnvironment, type ScriptCommand, type ScriptProject } from './script-command';
import { scriptFailure, type FailedScript } from './script-failure';
import { throttle } from './throttle';

export interface ScriptRequest extends Pick<
  FailedScript,
  'code' | 'subject' | 'configPath' | 'timeoutMinutes' | 'afterTimeout'
> {
  readonly project: ScriptProject;
  readonly command: ScriptCommand;
  /** Absolute path of the run context. */
  readonly contextFile: string;
  readonly seed: number;
  readonly threads: number;
  /** Environment of our own process: the script inherits it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Milliseconds between SIGTERM and SIGKILL when it is stopped. @default 10 000 */
  readonly grace?: number;
}

/** How often a progress bar of the script is printed at most. Milliseconds. */
const barInterval = 1000;

/**
 * Runs a script of a project in its folder, without a shell, with the run context named in `MLOPS_RUN`, and prints its
 * output as it comes. Nothing that it started lives on.
 *
 * @throws MlopsError of the code given, with the last lines of output, when it does not end with exit code 0; the reason
 *   of the signal when that was aborted
 */
export async function runScript(request: ScriptRequest): Promise<void> {
  const { project, command, env, signal, print, grace, timeoutMinutes } = request;
  const tail = new OutputTail();
  const bars = throttle(print, barInterval, () => performance.now());
  try {
    const end = await runProcess({
      command: command.argv,
      cwd: project.folder,
      env: { ...scriptEnvironment(env, request), ...command.env },
      signal,
      ...(timeoutMinutes === undefined ? {} : { timeout: timeoutMinutes * 60_000 }),
      ...(grace === undefined ? {} : { grace }),
      onLine(line) {
        tail.push(line);
        if (line.transient) return bars.push(line.text);
        bars.flush();
        print(line.text);
      },
    });
    const failure = scriptFailure(end, { ...request, shown: command.shown, tail });
    if (failure !== undefined) throw failure;
  } finally {
    bars.flush();
  }
}
