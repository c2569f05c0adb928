import {
  evaluationSchema,
  gateReportSchema,
  layout,
  messageOf,
  modelManifestSchema,
  readManifest,
  sha256OfFile,
  type Evaluation,
  type ModelManifest,
} from '@nx-mlops/core';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Judgement, ReportedProject } from './model-report';
import type { RunInformation } from './run-information';

export interface ReadJudgement {
  readonly judgement: Judgement;
  readonly manifest?: ModelManifest;
  readonly evaluation?: Evaluation;
}

/**
 * The verdict on a model, if it is on the model and the evaluation that lie there and nothing before it failed in the run.
 * Else why there is none: a verdict of an earlier state is never taken for one of this.
 *
 * @param projects all of the workspace by name
 */
export async function readJudgement(
  workspaceRoot: string,
  project: ReportedProject,
  projects: ReadonlyMap<string, ReportedProject>,
  run: RunInformation | undefined,
): Promise<ReadJudgement> {
  const file = (folder: string, name: string) => join(workspaceRoot, project.root, folder, name);
  const command = (kind: string) => `nx run ${project.name}:${project.targets[kind] ?? kind}`;
  const gate = `\`${command('gate')}\``;
  const notJudged = (because: string): Judgement => ({ kind: 'not-judged', because });

  const failed = failedBefore(project, projects, run);
  if (failed !== undefined) {
    return {
      judgement: notJudged(`The task \`${failed}\` failed in this run, so nothing newer was judged.`),
    };
  }
  const manifestFile = file(layout.model, layout.modelManifest);
  if (!(await exists(manifestFile))) {
    return { judgement: notJudged(`It was not trained. ${gate} does that and all that follows.`) };
  }
  let manifest: ModelManifest | undefined;
  let evaluation: Evaluation | undefined;
  try {
    manifest = await readManifest(manifestFile, modelManifestSchema, command('train'));
    const evaluationFile = file(layout.evaluation, layout.evaluationFile);
    if (!(await exists(evaluationFile))) {
      return { judgement: notJudged(`It was not evaluated. ${gate} does that, too.`), manifest };
    }
    const read = await readManifest(evaluationFile, evaluationSchema, command('evaluate'));
    if (read.modelSha256 !== manifest.file.sha256) {
      const because = `Its evaluation is of another model than the one that was trained last. ${gate} evaluates and judges it.`;
      return { judgement: notJudged(because), manifest };
    }
    evaluation = read;
    const gateFile = file(layout.gate, layout.gateFile);
    if (!(await exists(gateFile))) {
      return { judgement: notJudged(`Its gates were not run. ${gate} does that.`), manifest, evaluation };
    }
    const gates = await readManifest(gateFile, gateReportSchema, command('gate'));
    if (gates.evaluationSha256 !== (await sha256OfFile(evaluationFile))) {
      const because = `Its verdicts are on another evaluation than the one that lies there. ${gate} judges that.`;
      return { judgement: notJudged(because), manifest, evaluation };
    }
    return { judgement: { kind: 'judged', gates }, manifest, evaluation };
  } catch (error) {
    return {
      judgement: notJudged(messageOf(error).replaceAll(`${workspaceRoot}/`, '')),
      ...(manifest === undefined ? {} : { manifest }),
      ...(evaluation === undefined ? {} : { evaluation }),
    };
  }
}

/** What runs before the gates; of a project that ends elsewhere the failure does not matter. */
const steps = ['lock', 'pull', 'prepare', 'validate', 'train', 'evaluate'];

/**
 * A task whose failure kept the gates from running, such as `late:train`. Old results may still lie there. Nx leaves what it
 * skipped out of its record.
 */
function failedBefore(
  model: ReportedProject,
  projects: ReadonlyMap<string, ReportedProject>,
  run: RunInformation | undefined,
): string | undefined {
  const tasks = run?.tasks ?? [];
  if (tasks.some(({ project, target }) => project === model.name && target === model.targets['gate']))
    return undefined;
  const upstream = withDependencies(model, projects);
  const found = tasks.find(({ project, target, outcome }) => {
    const targets = upstream.get(project)?.targets;
    return outcome === 'failed' && targets !== undefined && steps.some((step) => targets[step] === target);
  });
  return found === undefined ? undefined : `${found.project}:${found.target}`;
}

/** A project and all that it depends on, directly and indirectly, by name. */
function withDependencies(
  project: ReportedProject,
  projects: ReadonlyMap<string, ReportedProject>,
): Map<string, ReportedProject> {
  const found = new Map([[project.name, project]]);
  // A map's loop visits what is added meanwhile.
  for (const [, { dependencies }] of found) {
    for (const name of dependencies) {
      const next = projects.get(name);
      if (next !== undefined && !found.has(name)) found.set(name, next);
    }
  }
  return found;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
