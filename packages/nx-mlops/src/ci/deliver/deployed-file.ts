import { appendFile, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError, safeName, writeAtomically } from '@nx-mlops/core';
import { z } from 'zod';
import { isSet } from '../../doctor/ci-system';
import { ciFolder } from '../ci-folder';

const deployedSchema = z.object({
  environment: safeName,
  /** Of the pipeline. */
  commit: z.string().min(1),
  models: z.array(
    z.object({
      /** Name of the Nx project. */
      project: z.string().min(1),
      /** Its name in the registry. */
      model: safeName,
      version: z.int().min(1),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** `deployed.json`: what an environment served, or was about to, when a pipeline had deployed or promoted to it. */
export type Deployed = z.infer<typeof deployedSchema>;
export type DeployedModel = Deployed['models'][number];

const FILE = 'deployed.json';
/** Beside it where it names a model: a Jenkinsfile can ask whether a file is there, but needs a plugin to read JSON. */
const ANY_FILE = 'any';

export function deployJob(environment: string): string {
  return `deploy-${environment}`;
}

export function promoteJob(environment: string): string {
  return `promote-${environment}`;
}

/** Relative to the workspace. */
export function anyDeployedFile(job: string): string {
  return `${ciFolder.out}/${job}/${ANY_FILE}`;
}

/**
 * Also says whether there is any model, since nobody is to be asked for the promotion of nothing: on GitHub Actions as the
 * output `any` of the step, for Jenkins by a file.
 */
export async function writeDeployed(
  workspaceRoot: string,
  job: string,
  deployed: Deployed,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await writeAtomically(
    join(workspaceRoot, ciFolder.out, job, FILE),
    `${JSON.stringify(deployed, null, 2)}\n`,
  );
  const any = deployed.models.length > 0;
  const anyFile = join(workspaceRoot, anyDeployedFile(job));
  if (any) await writeAtomically(anyFile, '');
  else await rm(anyFile, { force: true });
  const outputs = env['GITHUB_OUTPUT'];
  if (isSet(outputs)) await appendFile(outputs, `any=${any}\n`);
}

/**
 * What all jobs of this pipeline brought into an environment, by model; of two versions the later one. What a pipeline of
 * another commit left on a lasting agent does not count.
 *
 * @throws MlopsError MLOPS_CI_NOT_DEPLOYED when no job says so
 */
export async function readDeployed(
  workspaceRoot: string,
  { environment, commit }: { readonly environment: string; readonly commit: string },
): Promise<DeployedModel[]> {
  const folder = join(workspaceRoot, ciFolder.out);
  const names = await readdir(folder).catch(() => []);
  const read = await Promise.all(names.sort().map((name) => readOne(folder, `${name}/${FILE}`)));
  const found = read.filter(
    (deployed) => deployed?.environment === environment && deployed.commit === commit,
  );
  if (found.length === 0) {
    throw new MlopsError(
      'MLOPS_CI_NOT_DEPLOYED',
      `no ${FILE} of "${environment}" and of this commit (${commit.slice(0, 9)}) is there. Run nx-mlops ci deploy --environment=${environment} first, in this job or in one whose folder ${ciFolder.out} is handed on to this one as an artifact.`,
      { file: ciFolder.out },
    );
  }
  const models = new Map<string, DeployedModel>();
  for (const each of found.flatMap((deployed) => deployed?.models ?? [])) {
    if ((models.get(each.model)?.version ?? 0) < each.version) models.set(each.model, each);
  }
  return [...models.values()].sort((a, b) => (a.model < b.model ? -1 : 1));
}

async function readOne(folder: string, name: string): Promise<Deployed | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
  try {
    return deployedSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new MlopsError(
      'MLOPS_CI_NOT_DEPLOYED',
      'is no list of deployed versions. Deploy anew in this pipeline.',
      { file: `${ciFolder.out}/${name}` },
      { cause: error },
    );
  }
}
