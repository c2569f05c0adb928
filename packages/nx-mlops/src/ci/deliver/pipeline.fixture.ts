import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mlopsConfigSchema, openRegistry, type EnvironmentConfig } from '@nx-mlops/core';
import tmp from 'tmp';
import { registered } from '../../rollout/registered.fixture';
import { fakeTools } from '../../rollout/tools.fixture';

tmp.setGracefulCleanup();

/** A workspace with a registry in a folder, and what its commands need. */
export function pipeline(production: Partial<Record<keyof EnvironmentConfig, unknown>> = {}) {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  mkdirSync(workspaceRoot, { recursive: true });
  const mlops = mlopsConfigSchema.parse({
    environments: [{ name: 'staging' }, { name: 'production', ...production }],
  });
  const tools = fakeTools();
  const registry = openRegistry(mlops.registry, workspaceRoot);
  const printed: string[] = [];
  return {
    ...{ workspaceRoot, mlops, tools, registry, printed },
    print: (line: string) => printed.push(line),
    actor: 'ann',
    /** Registers a version, has staging serve it, and gives it as deployed.json would name it. */
    deploy: async (project: string, content: string) => {
      const model = project.replace('@acme/', 'acme-');
      const { version } = await registry.registerVersion(registered(workspaceRoot, { model, content }));
      await registry.deploy({ model, environment: 'staging', version: version.version, actor: 'ann' });
      return { project, model, version: version.version, digest: version.digest };
    },
    serving: async (model: string, environment = 'production') =>
      (await registry.state(model)).deployments.get(environment)?.version,
    write: (file: string, content: unknown) => {
      const path = join(workspaceRoot, file);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    },
  };
}
