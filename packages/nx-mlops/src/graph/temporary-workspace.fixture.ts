import type { CreateNodesContext, NxJsonConfiguration } from '@nx/devkit';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dirSync } from 'tmp';

/** Files by path relative to the workspace; what is no text is written as JSON. */
export type WorkspaceFiles = Record<string, unknown>;

/** A workspace on disk for specs, in a folder with a space in its name. */
export class TemporaryWorkspace {
  readonly folder: string;
  private readonly remove: () => void;

  constructor(
    files: WorkspaceFiles,
    readonly nxJson: NxJsonConfiguration = {},
  ) {
    const temporary = dirSync({ prefix: 'a workspace', unsafeCleanup: true });
    this.folder = temporary.name;
    this.remove = temporary.removeCallback;
    this.write(files);
  }

  get context(): CreateNodesContext {
    return { workspaceRoot: this.folder, nxJsonConfiguration: this.nxJson };
  }

  write(files: WorkspaceFiles): void {
    for (const [file, content] of Object.entries(files)) {
      const path = join(this.folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  delete(file: string): void {
    rmSync(join(this.folder, file), { recursive: true });
  }

  dispose(): void {
    this.remove();
  }
}

export const mlopsConfig = { environments: [{ name: 'staging' }, { name: 'production' }] };

export function datasetConfig(changes: object = {}): object {
  return {
    sources: { flights: { path: 'data/*.csv' } },
    splits: { train: { fraction: 0.8 }, test: { fraction: 0.2 } },
    ...changes,
  };
}

export function modelConfig(changes: object = {}): object {
  return {
    task: 'binary-classification',
    datasets: { train: 'flights:train', test: 'flights:test' },
    features: ['distance'],
    target: 'late',
    training: { entry: 'src/train.ts' },
    ...changes,
  };
}
