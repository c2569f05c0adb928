import { mlopsConfigSchema, openRegistry, type Registry } from '@nx-mlops/core';
import { join } from 'node:path';
import tmp from 'tmp';
import { advanceAll } from './advance-all';
import { promoteModel } from './promote';
import { registered } from './registered.fixture';
import type { TrafficRequest } from './rollout-request';
import { analysis, fakeTools } from './tools.fixture';

tmp.setGracefulCleanup();

const mlops = mlopsConfigSchema.parse({
  environments: [
    { name: 'staging' },
    { name: 'production', traffic: 'file:traffic', strategy: { type: 'canary', steps: [{ weight: 5 }] } },
  ],
});

describe('advanceAll', () => {
  let workspaceRoot: string;
  let registry: Registry;
  let printed: string[];
  const tools = fakeTools();
  const print = (line: string) => void printed.push(line);
  const requestOf = (name: string): TrafficRequest => ({
    project: { workspaceRoot, name, root: '.', folder: workspaceRoot },
    mlops,
    registry,
    actor: 'ann',
    print,
    tools,
  });

  /** Version 1 serves everywhere; with a rollout, version 2 is on its way into production. */
  async function model(name: string, withRollout: boolean) {
    for (const content of ['one', 'two']) {
      await registry.registerVersion(registered(workspaceRoot, { model: name, content }));
    }
    for (const environment of ['staging', 'production']) {
      await registry.deploy({ model: name, environment, version: 1, actor: 'ann' });
    }
    if (!withRollout) return;
    await registry.deploy({ model: name, environment: 'staging', version: 2, actor: 'ann' });
    tools.analyses = [analysis('inconclusive')];
    await promoteModel({ ...requestOf(name), from: 'staging', to: 'production' });
    tools.time = new Date(tools.time.getTime() + 60_000);
  }

  const serving = async (name: string) => (await registry.state(name)).deployments.get('production')?.version;

  beforeEach(() => {
    workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
    registry = openRegistry(mlops.registry, workspaceRoot, { now: () => tools.time });
    printed = [];
  });

  it('is well where no rollout is under way', async () => {
    await model('late', false);
    expect(await advanceAll({ mlops, registry, print, requestOf })).toBe(true);
    expect(printed).toEqual(['No rollout is under way.']);
  });

  it('takes each one on, passes over the others, and goes on after one that cannot be judged', async () => {
    await model('broken', true);
    await model('calm', false);
    await model('late', true);
    tools.analyses = [analysis('pass')];
    const isGood = await advanceAll({
      mlops,
      registry,
      print,
      requestOf: (name) => {
        if (name === 'broken') throw new Error('no feed');
        return requestOf(name);
      },
    });
    expect(isGood).toBe(false);
    expect(printed).toContain('broken in production: no feed');
    expect(await serving('late')).toBe(2);
    expect(await serving('calm')).toBe(1);
  });

  it('says no when a candidate is aborted', async () => {
    await model('late', true);
    tools.analyses = [analysis('fail')];
    expect(await advanceAll({ mlops, registry, print, requestOf })).toBe(false);
    expect(await serving('late')).toBe(1);
  });
});
