import type { Tree } from '@nx/devkit';
import { MlopsError, type CiProvider } from '@nx-mlops/core';
import { createTwoFilesPatch } from 'diff';
import { isEdited, markedParts, withPartsOf } from './marked-parts';
import { includeInGitlab } from './include-in-gitlab';
import { describePipeline } from './pipeline';
import type { WorkspaceFacts } from './read-facts';
import { GITHUB_SETUP, renderGithub, renderGithubSetup } from './render-github';
import { renderGitlab, renderGitlabRoot } from './render-gitlab';
import { renderJenkins } from './render-jenkins';
import { githubSetup, gitlabSetup, jenkinsSetup } from './setup';

/** Where the pipelines are. */
export const pipelineFiles = {
  github: '.github/workflows/nx-mlops.yml',
  gitlab: '.gitlab/nx-mlops.gitlab-ci.yml',
  gitlabRoot: '.gitlab-ci.yml',
  jenkins: 'Jenkinsfile',
  /** Where the workspace has a Jenkinsfile of its own. */
  jenkinsBeside: 'Jenkinsfile.nx-mlops',
} as const;

/** A file of a pipeline as it should be. */
export interface PipelineFile {
  readonly path: string;
  readonly text: string;
}

/** @throws MlopsError as `withFreshParts` */
export function filesOf(
  tree: Tree,
  provider: CiProvider,
  facts: WorkspaceFacts,
  overwrite: boolean,
): PipelineFile[] {
  const pipeline = describePipeline(facts);
  const fresh = (path: string, text: string): PipelineFile => ({
    path,
    text: withFreshParts(path, read(tree, path), text, overwrite),
  });
  switch (provider) {
    case 'github': {
      const setup = `${GITHUB_SETUP}/action.yml`;
      const setupText = read(tree, setup) ?? renderGithubSetup(githubSetup(facts));
      return [
        fresh(pipelineFiles.github, renderGithub(pipeline, needsIdToken(setupText))),
        { path: setup, text: setupText },
      ];
    }
    case 'gitlab': {
      const { gitlab, gitlabRoot } = pipelineFiles;
      const root = read(tree, gitlabRoot);
      const rootText = renderGitlabRoot(pipeline, gitlab);
      return [
        fresh(gitlab, renderGitlab(pipeline, gitlabSetup(facts))),
        // Never written over: it may hold other jobs.
        root === undefined || markedParts(root).length > 0
          ? { path: gitlabRoot, text: withFreshParts(gitlabRoot, root, rootText, false) }
          : { path: gitlabRoot, text: includeInGitlab(root, gitlab) },
      ];
    }
    case 'jenkins':
      return [fresh(jenkinsfileOf(tree), renderJenkins(pipeline, jenkinsSetup(facts)))];
  }
}

/** The Jenkinsfile that is ours, or may become it. */
export function jenkinsfileOf(tree: Tree): string {
  const { jenkins, jenkinsBeside } = pipelineFiles;
  if (tree.exists(jenkinsBeside)) return jenkinsBeside;
  const present = read(tree, jenkins);
  return present === undefined || markedParts(present).length > 0 ? jenkins : jenkinsBeside;
}

/** Actions that trade an identity token of GitHub's for credentials of a cloud. */
function needsIdToken(setup: string): boolean {
  return /^\s*-?\s*uses:\s*['"]?(aws-actions\/configure-aws-credentials|google-github-actions\/auth|azure\/login)@/im.test(
    setup,
  );
}

/**
 * @param present the file; undefined where there is none
 * @param wanted as it would be written anew
 * @throws MlopsError MLOPS_CI_FILE_TAKEN when the file has no part of ours; MLOPS_CI_EDITED, with a diff, when somebody
 *   changed a part of ours and it would be written differently
 */
export function withFreshParts(
  path: string,
  present: string | undefined,
  wanted: string,
  overwrite: boolean,
): string {
  if (present === undefined) return wanted;
  const parts = markedParts(present);
  if (parts.length === 0) {
    if (overwrite) return wanted;
    throw new MlopsError(
      'MLOPS_CI_FILE_TAKEN',
      `${path} is there and has no part between marks of nx-mlops, so it is left as it is. Move what is yours into a file of another name, or call the generator with --overwrite to have this one written anew.`,
    );
  }
  const text = withPartsOf(present, wanted);
  const touched = new Set(changedParts(present, text));
  const edited = parts.filter((part) => isEdited(part) && touched.has(part.name)).map(({ name }) => name);
  if (edited.length === 0 || overwrite) return text;
  const diff = createTwoFilesPatch(path, path, present, text, 'as it is', 'as it would be', { context: 3 });
  throw new MlopsError(
    'MLOPS_CI_EDITED',
    `Somebody changed ${path} between the marks (${edited.join(', ')}), and mlops.json asks for something else there, so nothing is written. Move the change out of the marks, or delete both marks of the part to keep it yours, or call the generator with --overwrite to lose it.\n\n${diff}`,
  );
}

/** Parts whose text differs, marks left aside. */
function changedParts(present: string, text: string): string[] {
  const bodies = new Map(markedParts(text).map(({ name, body }) => [name, body]));
  return markedParts(present)
    .filter((part) => bodies.get(part.name) !== part.body)
    .map(({ name }) => name);
}

function read(tree: Tree, path: string): string | undefined {
  return tree.exists(path) ? (tree.read(path, 'utf-8') ?? '') : undefined;
}
