import { readFile } from 'node:fs/promises';
import {
  MlopsError,
  layout,
  type EnvironmentConfig,
  type Registry,
  type VersionRecord,
} from '@nx-mlops/core';
import type { RolloutTools } from '../../rollout/rollout-request';
import { compareGolden } from '../../rollout/verify/check-predictions';
import type { DeployedModel } from './deployed-file';
import { ServedModel } from './served-model';
import { standingOf } from './where-it-stands';

export interface SmokeRequest {
  readonly registry: Registry;
  readonly environment: EnvironmentConfig;
  readonly verify: RolloutTools['verify'];
  readonly models: readonly DeployedModel[];
  /** How long a server may take to load a version, s. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Between two looks whether a server has loaded a version, ms. */
const PAUSE = 500;

/**
 * Tries what was deployed: verifies each version as before traffic, and has the server of the environment, where its
 * address is known, answer the version's golden rows.
 *
 * @returns names of the projects with which something is wrong
 */
export async function smokeDeployed(request: SmokeRequest): Promise<string[]> {
  const { models, environment, signal, print } = request;
  if (models.length === 0) print(`Nothing was deployed to ${environment.name}, so there is nothing to try.`);
  const wrong: string[] = [];
  for (const model of models) {
    try {
      if (!(await smokeOne(request, model))) wrong.push(model.project);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MlopsError)) throw error;
      print(`${model.project}: ${error.code} ${error.message}`);
      wrong.push(model.project);
    }
  }
  if (wrong.length > 0) print(`Not sound in ${environment.name}: ${wrong.join(', ')}.`);
  return wrong;
}

async function smokeOne(request: SmokeRequest, meant: DeployedModel): Promise<boolean> {
  const { registry, environment, verify, print } = request;
  const { project, model, version } = meant;
  const standing = standingOf(meant, await registry.state(model), environment.name);
  switch (standing.kind) {
    case 'unknown':
      print(`${project}: ${registry.description} knows no version ${version} with this digest.`);
      return false;
    case 'withdrawn':
      print(`${project} version ${version}: ${standing.because}.`);
      return false;
    case 'superseded':
      print(
        `${project} version ${version} is left out: ${environment.name} is at version ${standing.by} by now.`,
      );
      return true;
    case 'serving':
    case 'under-way':
      break;
  }
  const record = await registry.readVersion(model, version);
  const { evidence } = await verify(record, environment);
  print(`${project} version ${version}: ${evidence.summary}`);
  if (evidence.verdict !== 'pass') return false;
  const url = environment.target === 'local' ? undefined : environment.target.url;
  return url === undefined ? true : askServer(request, record, url, project);
}

async function askServer(
  { registry, timeout, signal, print }: SmokeRequest,
  record: VersionRecord,
  url: string,
  project: string,
): Promise<boolean> {
  const { model, version, manifest, files } = record;
  const served = new ServedModel(url, model, version, manifest, signal);
  await served.whenReady({ timeout: timeout * 1000, pause: PAUSE });
  if (!Object.hasOwn(files, layout.goldenFile) || manifest.scoreOutput === undefined) {
    print(`${project} version ${version} at ${url}: loaded; it has no golden rows to ask for`);
    return true;
  }
  const golden = await readFile(await registry.fetchFile(record, layout.goldenFile), 'utf8');
  const { verdict, says } = await compareGolden(served, golden);
  print(`${project} version ${version} at ${url}: ${says}`);
  return verdict === 'pass';
}
