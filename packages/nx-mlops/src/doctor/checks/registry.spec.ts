import { appendFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { openRegistry } from '@nx-mlops/core';
import { registered } from '../../rollout/registered.fixture';
import { examine, workspaceWith, writeFiles, type Files } from '../examine.fixture';
import { registryCheck } from './registry';
import { remoteCheck } from './remote';

// Else credentials are looked for at the address of a cloud's machines.
process.env['AWS_EC2_METADATA_DISABLED'] = 'true';

const mlops = (registry: unknown, rest: object = {}): Files => ({
  'mlops.json': { registry, environments: [{ name: 'production' }], ...rest },
});

async function workspaceWithModels(...models: string[]): Promise<string> {
  const root = workspaceWith(mlops('file:the registry'));
  const registry = openRegistry('file:the registry', root);
  for (const model of models) await registry.registerVersion(registered(root, { model, content: model }));
  return root;
}

describe('registry', () => {
  it('is read whole, and may be written to', async () => {
    const workspaceRoot = await workspaceWithModels('late', 'price');
    expect(await examine(registryCheck, { workspaceRoot })).toEqual([
      'ok registry: <root>/the registry: 2 models, each history whole',
      'ok registry: writing: the folder may be written to',
    ]);
  });

  it('tells of the model whose history is broken', async () => {
    const workspaceRoot = await workspaceWithModels('late', 'price');
    appendFileSync(join(workspaceRoot, 'the registry/models/price/events.jsonl'), '{"no":"event"}\n');
    const [first, ...others] = await examine(registryCheck, { workspaceRoot });
    expect(first).toMatch(
      /^problem registry: the history of price: .*the registry\/models\/price\/events\.jsonl/,
    );
    expect(others).toEqual([expect.stringMatching(/^ok registry: writing/)]);
  });

  it('warns of one that a CI job throws away', async () => {
    const workspaceRoot = await workspaceWithModels('late');
    expect((await examine(registryCheck, { workspaceRoot, ci: true }))[0]).toMatch(
      /^warning registry: <root>\/the registry lies in the checkout.* -> Name a registry that jobs share/,
    );
    const elsewhere = `file:${workspaceWith()}`;
    expect((await examine(registryCheck, { files: mlops(elsewhere), ci: true }))[0]).toMatch(/^ok registry/);
  });

  it('tells of locks that were left behind, and not of one that is held', async () => {
    const workspaceRoot = await workspaceWithModels('late', 'price');
    const owner = JSON.stringify({ user: 'ann', host: 'agent 7', at: '2026-11-01T10:00:00Z' });
    writeFiles(workspaceRoot, {
      'the registry/models/late/lock': owner,
      'the registry/models/price/lock': owner,
    });
    const old = new Date(Date.now() - 60_000);
    utimesSync(join(workspaceRoot, 'the registry/models/late/lock'), old, old);
    expect((await examine(registryCheck, { workspaceRoot }))[1]).toMatch(
      /^warning registry: writing: locks that were left behind: late \(by ann on agent 7, 2026-11-01T10:00:00Z\) -> Nothing/,
    );
  });

  it.each<[string, Files, readonly RegExp[]]>([
    [
      'a file in the place of its folder',
      { ...mlops('file:a/b'), a: 'a file' },
      [/^problem registry: /, /^problem registry: writing: <root>\/a is a file where a folder should be/],
    ],
    [
      'a server that is not there',
      mlops('mlflow:http://127.0.0.1:1'),
      [/^problem registry: .*127\.0\.0\.1:1/, /^skipped registry: writing: cannot be told/],
    ],
    [
      'a bucket whose server is not there',
      mlops({ url: 's3://bucket/models', endpoint: 'http://127.0.0.1:1' }),
      [/^problem registry: s3:\/\/bucket\/models: /, /^skipped registry: writing: not tried/],
    ],
    ['no mlops.json', {}, [/^skipped registry: mlops/, /^skipped registry: writing/]],
  ])('with %s', async (_, files, lines) => {
    expect(await examine(registryCheck, { files, mayWrite: true })).toEqual(
      lines.map((line) => expect.stringMatching(line)),
    );
  });
});

it.each<[string, Files, RegExp]>([
  ['none', mlops('file:r'), /^skipped remote of data: mlops\.json names none/],
  [
    'one that is there',
    { ...mlops('file:r', { remote: 'file:data' }), 'data/x': '' },
    /^ok .*file:<root>\/data answers$/,
  ],
  [
    'one that is not there yet',
    mlops('file:r', { remote: 'file:data' }),
    /^warning .*<root>\/data is not there -> /,
  ],
  [
    'one below a file',
    { ...mlops('file:r', { remote: 'file:data/x' }), data: '' },
    /^problem remote of data: <root>\/data is a file/,
  ],
])('remote: %s', async (_, files, line) => {
  expect(await examine(remoteCheck, { files })).toEqual([expect.stringMatching(line)]);
});
