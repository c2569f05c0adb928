/** What an nx command line asks to run, as far as configurations go. */
export interface RequestedRun {
  readonly targets: readonly string[];
  /** Undefined when the command line selects projects in another way, as `run-many` and `affected` do. */
  readonly project?: string;
  readonly configuration?: string;
}

const flags: Readonly<Record<string, 'targets' | 'project' | 'configuration'>> = {
  '-t': 'targets',
  '--target': 'targets',
  '--targets': 'targets',
  '--project': 'project',
  '-c': 'configuration',
  '--configuration': 'configuration',
};

/**
 * Reads an nx command line: `run p:t:c`, `t p -c c`, `run-many -t t -c c`, `affected -t t --configuration=c`.
 *
 * @param args without node and the path of nx; what follows `--` belongs to the task and is not read
 */
export function requestedRun(args: readonly string[]): RequestedRun {
  const { words, targets, project, configuration } = splitArguments(args);
  const [command, first] = words;
  switch (command) {
    case undefined:
      return { targets, configuration };
    case 'run-many':
    case 'affected':
      return { targets: [...targets, ...words.slice(1)], configuration };
    case 'run': {
      const [named, target, inSpec] = first === undefined ? [] : first.split(':');
      return target === undefined
        ? { targets: named === undefined ? targets : [named], project, configuration }
        : { targets: [target], project: project ?? named, configuration: configuration ?? inSpec };
    }
    default:
      return { targets: [command], project: project ?? first, configuration };
  }
}

function splitArguments(args: readonly string[]) {
  const words: string[] = [];
  const found = { targets: [] as string[], project: [] as string[], configuration: [] as string[] };
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  for (let index = 0; index < own.length; index++) {
    const argument = own[index] ?? '';
    if (!argument.startsWith('-')) {
      words.push(argument);
      continue;
    }
    const equals = argument.indexOf('=');
    if (argument === '--prod') found.configuration.push('production');
    const flag = flags[equals < 0 ? argument : argument.slice(0, equals)];
    if (flag === undefined) continue;
    const value = equals < 0 ? own[++index] : argument.slice(equals + 1);
    if (value !== undefined) found[flag].push(...(flag === 'targets' ? value.split(',') : [value]));
  }
  return {
    words,
    targets: found.targets,
    project: found.project.at(-1),
    configuration: found.configuration.at(-1),
  };
}
