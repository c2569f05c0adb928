import { generateFiles, offsetFromRoot, type Tree } from '@nx/devkit';
import { canonicalJson, layout, sha256OfBytes, type DatasetLock } from '@nx-mlops/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectLocation } from '../../lib/project-location';

const dataFile = 'penguins.csv';

/**
 * Adds the Palmer penguins as a dataset project. The data lies in the project itself, not in a git-ignored folder: it
 * is small and public, and so the sample works on every clone.
 */
export function addSampleDataset(tree: Tree, { name, root }: ProjectLocation): void {
  const files = join(__dirname, '../files/sample');
  const bytes = readFileSync(join(files, dataFile));
  generateFiles(tree, files, root, { name, offsetFromRoot: offsetFromRoot(root), dot: '.' });
  tree.write(`${root}/${dataFile}`, bytes);
  tree.write(`${root}/${layout.datasetLock}`, canonicalJson(lockOf(bytes)));
}

function lockOf(bytes: Buffer): DatasetLock {
  const file = { path: dataFile, sha256: sha256OfBytes(bytes), size: bytes.length };
  return { version: 1, sources: { penguins: { files: [file] } } };
}
