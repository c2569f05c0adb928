import { parseArgs } from 'node:util';
import { fileNameOfProject, MlopsError, safeName, suggestion, type RegistryConfig } from '@nx-mlops/core';

export const usage = `nx-mlops-server: serves the models of an environment over the Open Inference Protocol v2

  nx-mlops-server --registry <url> --environment <name> [options]

  --registry <url>      the registry: file:<folder>, relative to the current folder, or s3://<bucket>/<prefix>
  --registry-endpoint <url>   of an S3 that is not AWS, such as https://minio.example.org
  --registry-region <name>    of the bucket
  --registry-path-style <yes|no>  the bucket in the path instead of the host name
  --environment <name>  the environment to follow, such as production
  --models <a,b>        only these models; all of the environment when left out
  --host <address>      address to listen on (127.0.0.1)
  --port <number>       port to listen on (8080); 0 takes a free one
  --subject-header <name>  header that names the subject of a request, whom a rollout gives always
                        the same version (x-mlops-subject)
  --keep-previous <number>  former versions of a model that stay loaded for the way back (1)
  --public-keys <a,b>   PEM files; only versions that one of these keys signed are loaded
  --help                this text
`;

export interface ServeCommand {
  readonly registry: RegistryConfig;
  readonly environment: string;
  readonly models?: readonly string[];
  readonly host: string;
  readonly port: number;
  /** Left out: the server's own defaults. */
  readonly subjectHeader?: string;
  readonly keepPrevious?: number;
  /** Paths of PEM files. */
  readonly publicKeys?: readonly string[];
}

const options = {
  registry: { type: 'string' },
  'registry-endpoint': { type: 'string' },
  'registry-region': { type: 'string' },
  'registry-path-style': { type: 'string' },
  environment: { type: 'string' },
  models: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'subject-header': { type: 'string' },
  'keep-previous': { type: 'string' },
  'public-keys': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
const flags = Object.keys(options).map((name) => `--${name}`);

/**
 * @param args without node and script
 * @throws MlopsError MLOPS_SERVER_ARGUMENTS for a flag that does not exist, lacks its value, or has an impossible one
 */
export function parseCommandLine(args: readonly string[]): ServeCommand | 'help' {
  const { values, tokens } = tokenise(args);
  tokens.forEach(refuseMisuse);
  if (values.help === true) return 'help';
  const given = (name: keyof typeof options): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const required = (name: 'registry' | 'environment'): string => {
    const value = given(name);
    if (value === undefined) throw wrong(`--${name} is missing.`);
    return value;
  };
  return {
    registry: {
      url: required('registry'),
      ...optional('endpoint', given('registry-endpoint')),
      ...optional('region', given('registry-region')),
      ...optional('forcePathStyle', parsePathStyle(given('registry-path-style'))),
    },
    environment: parseEnvironment(required('environment')),
    models: parseModels(given('models')),
    host: given('host') ?? '127.0.0.1',
    port: parsePort(given('port') ?? '8080'),
    subjectHeader: parseHeaderName(given('subject-header')),
    keepPrevious: parseKeepPrevious(given('keep-previous')),
    publicKeys: parsePaths(given('public-keys')),
  };
}

/** Not strict, since Node's own complaints do not name the nearest flag. */
function tokenise(args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: false, tokens: true });
}
type Token = ReturnType<typeof tokenise>['tokens'][number];

function refuseMisuse(token: Token): void {
  if (token.kind === 'positional') throw wrong(`"${token.value}" belongs to no flag.`);
  if (token.kind !== 'option') return;
  if (!isFlag(token.name)) {
    throw wrong(`There is no flag ${token.rawName}.${suggestion(token.rawName, flags)}`);
  }
  const takesValue = options[token.name].type === 'string';
  // `--registry --port 1` would else take "--port" for the registry.
  if (takesValue && (token.value === undefined || token.value === '' || token.value.startsWith('--'))) {
    throw wrong(`${token.rawName} needs a value.`);
  }
  if (!takesValue && token.value !== undefined) throw wrong(`${token.rawName} takes no value.`);
}

function isFlag(name: string): name is keyof typeof options {
  return Object.hasOwn(options, name);
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };
}

function parsePathStyle(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw wrong(`--registry-path-style must be "yes" or "no", not "${text}".`);
}

function parseEnvironment(text: string): string {
  const environment = safeName.safeParse(text);
  if (environment.success) return environment.data;
  throw wrong(`--environment must be a name of letters, digits, ".", "-" and "_", not "${text}".`);
}

function parseModels(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text
    .split(',')
    .map((name) => fileNameOfProject(name.trim()))
    .filter((name) => name !== '');
  if (names.length === 0) throw wrong('--models names no model.');
  return names;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw wrong(`--port must be a whole number from 0 to 65535, not "${text}".`);
}

/** A token of RFC 9110. */
function parseHeaderName(text: string | undefined): string | undefined {
  if (text === undefined || /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return text;
  throw wrong(`--subject-header must be the name of an HTTP header, not "${text}".`);
}

function parseKeepPrevious(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw wrong(`--keep-previous must be a whole number from 0 to 999, not "${text}".`);
}

function parsePaths(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const paths = text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  if (paths.length === 0) throw wrong('--public-keys names no file.');
  return paths;
}

function wrong(what: string): MlopsError {
  return new MlopsError('MLOPS_SERVER_ARGUMENTS', `${what} See nx-mlops-server --help.`);
}
