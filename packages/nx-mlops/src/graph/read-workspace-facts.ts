import type { NxJsonConfiguration } from '@nx/devkit';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asksForSourceAnalysis, isTypescriptInstalled, type PackageDependencies } from './source-analysis';
import type { WorkspaceFacts } from './workspace-facts';

/** Reads what the targets depend on besides their config. Cheap: three small looks at the disk and the lockfile's text. */
export function readWorkspaceFacts(
  workspaceRoot: string,
  nxJson: NxJsonConfiguration,
  environments: readonly string[],
): WorkspaceFacts {
  return {
    environments,
    importsAreKnown:
      asksForSourceAnalysis(nxJson, readPackageJson(join(workspaceRoot, 'package.json'))) &&
      isTypescriptInstalled(workspaceRoot),
    onnxRuntime: findOnnxRuntime(workspaceRoot),
    platform: process.platform === 'win32' ? 'windows' : 'posix',
  };
}

/**
 * ONNX Runtime as Nx can name it. Of npm's lockfile we know that a package hoisted to the top is in Nx's graph under
 * its bare name; for the other package managers the installed version is told to Nx as a text.
 */
function findOnnxRuntime(workspaceRoot: string): WorkspaceFacts['onnxRuntime'] {
  const lockfile = readText(join(workspaceRoot, 'package-lock.json'));
  if (lockfile?.includes('"node_modules/onnxruntime-node":') === true) return 'in-graph';
  const installed = readPackageJson(join(workspaceRoot, 'node_modules/onnxruntime-node/package.json'));
  return installed?.version === undefined ? 'absent' : { version: installed.version };
}

function readPackageJson(file: string): (PackageDependencies & { version?: string }) | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as PackageDependencies & { version?: string };
  } catch {
    // Nx itself says so of a broken package.json, and better.
    return undefined;
  }
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
