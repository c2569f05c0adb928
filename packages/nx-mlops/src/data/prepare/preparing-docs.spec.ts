import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDataset, type TemporaryDataset } from '../temporary-dataset.fixture';

jest.setTimeout(300_000);

const packages = join(__dirname, '../../../..');
const page = readFileSync(join(packages, '../docs/data.md'), 'utf8');

/** The only example of a language. */
function example(language: string): string {
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))];
  expect(found).toHaveLength(1);
  return found[0]?.[1] ?? '';
}

function given(entry: string, text: string): TemporaryDataset {
  return temporaryDataset(
    {
      sources: { raw: { path: 'flights.csv' } },
      prepare: { entry, params: { shortest: 300 } },
      splits: { train: { where: 'month = 1' }, test: { where: 'month = 2' } },
    },
    {
      'flights.csv': 'month,origin,dest,distance\n1,JFK,BOS,187\n1,SFO,LAX,337\n2,LAX,SFO,337\n',
      [entry]: text,
    },
  );
}

describe('the examples of docs/data.md prepare a dataset', () => {
  it('in TypeScript', async () => {
    const dataset = given('prepare.ts', example('ts'));
    await dataset.lock();
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(packages, 'training/examples/tsconfig.json') };
    const { splits } = await dataset.prepare(undefined, { env });
    expect([splits['train']?.rows, splits['test']?.rows]).toEqual([1, 1]);
    expect(splits['train']?.columns.map(({ name }) => name)).toEqual(['month', 'route', 'distance']);
    expect(example('ts')).toBe(readFileSync(join(packages, 'training/examples/prepare.ts'), 'utf8'));
  });

  // Slow: it installs DuckDB for Python from the package index, as its readers do.
  it('in Python', async () => {
    const dataset = given('prepare.py', example('python'));
    const venv = join(dataset.project.folder, '.venv');
    execFileSync('python3', ['-m', 'venv', venv]);
    execFileSync(join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', 'duckdb==2.0.1']);
    await dataset.lock();
    const { splits } = await dataset.prepare();
    expect([splits['train']?.rows, splits['test']?.rows]).toEqual([1, 1]);
    expect(splits['train']?.columns.map(({ name }) => name)).toEqual(['month', 'distance']);
  });
});
