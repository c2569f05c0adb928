import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { eventually, freePort, taskOutcomes, workspaceFor } from '../support';

/** The story of the README: a model from the sample, deployed, changed, promoted, served, rolled back. */
describe('a first model in a fresh workspace', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await workspaceFor('first model');
  });
  afterAll(() => workspace.stop());

  it('is generated without a question and changes nothing with --dry-run', async () => {
    await workspace.mustNx(['g', 'nx-mlops:init']);
    expect(
      (await workspace.readJson('mlops.json')).environments.map((item: { name: string }) => item.name),
    ).toEqual(['staging', 'production']);

    await workspace.mustNx(['g', 'nx-mlops:model', 'demo', '--sample', '--no-interactive', '--dry-run']);
    expect(workspace.exists('demo')).toBe(false);

    await workspace.mustNx(['g', 'nx-mlops:model', 'demo', '--sample', '--no-interactive']);
    expect(workspace.exists('demo/model.config.json')).toBe(true);
    await workspace.commit('A model');
  });

  it('is trained, evaluated, gated and deployed by one command', async () => {
    const { output } = await workspace.mustNx(['run', 'demo:deploy']);
    expect(Object.keys(taskOutcomes(output))).toEqual(
      expect.arrayContaining(['demo:train', 'demo:evaluate', 'demo:gate', 'demo:deploy']),
    );
    const evaluation = await workspace.readJson('demo/.mlops/evaluation/evaluation.json');
    expect(evaluation.metrics.accuracy).toBeGreaterThan(0.9);
    expect(evaluation.baseline.metrics.accuracy).toBeLessThan(0.6);
    const gate = await workspace.readJson('demo/.mlops/gate/gate.json');
    expect(gate.passed).toBe(true);
  });

  it('is neither trained nor deployed a second time', async () => {
    const { output } = await workspace.mustNx(['run', 'demo:deploy']);
    const outcomes = taskOutcomes(output);
    expect(outcomes['demo:train']).toBe('cached');
    expect(outcomes['demo:evaluate']).toBe('cached');
    expect(output).toMatch(/version \d+ already/);
    const events = (await workspace.read('.mlops/registry/models/demo/events.jsonl')).trim().split('\n');
    expect(events).toHaveLength(2);
  });

  it('comes out byte-identical when it is trained again with the same seed', async () => {
    const bytes = () => readFile(workspace.path('demo/.mlops/model/model.onnx'));
    const before = await bytes();
    await workspace.mustNx(['run', 'demo:train', '--skip-nx-cache']);
    expect((await bytes()).equals(before)).toBe(true);
  });

  it('trains again after a changed parameter, not after a changed README, and the new version is deployed', async () => {
    await workspace.edit('demo/README.md', (text) => `${text}\nA note.\n`);
    expect(taskOutcomes((await workspace.mustNx(['run', 'demo:evaluate'])).output)['demo:train']).toBe(
      'cached',
    );

    await workspace.edit('demo/model.config.json', (text) =>
      text.replace(/"epochs": (\d+)/, (_, epochs) => `"epochs": ${Number(epochs) + 1}`),
    );
    const { output } = await workspace.mustNx(['run', 'demo:deploy']);
    const outcomes = taskOutcomes(output);
    expect(outcomes['demo:train']).toBe('ran');
    expect(outcomes['demo:evaluate']).toBe('ran');
    expect(
      Object.entries(outcomes)
        .filter(([task]) => /:(prepare|validate)$/.test(task))
        .map(([, outcome]) => outcome),
    ).toEqual(['cached', 'cached']);
    await workspace.commit('One more epoch');
  });

  it('is promoted, and the history and the log agree', async () => {
    await workspace.mustNx(['run', 'demo:promote']);
    const { output } = await workspace.mustNx(['run', 'demo:history']);
    expect(output).toMatch(/production/);
    expect(output).toMatch(/staging/);
  });

  it.each([
    ['as an option', ['run', 'demo:deploy', '--environment=prodution']],
    ['as a configuration', ['run', 'demo:deploy:prodution']],
    ['with -c', ['run-many', '-t', 'rollback', '-c', 'prodution']],
  ])('refuses an environment that does not exist, %s, and names the nearest', async (_title, args) => {
    const before = await workspace.read('.mlops/registry/models/demo/events.jsonl');
    const { code, output } = await workspace.nx(args);
    expect(code).not.toBe(0);
    expect(output).toMatch(/Did you mean "production"/);
    expect(await workspace.read('.mlops/registry/models/demo/events.jsonl')).toBe(before);
  });

  it('is served over HTTP, and a rollback is served within two seconds without a failed request', async () => {
    const port = await freePort();
    const server = serve(workspace, port);
    try {
      const base = `http://127.0.0.1:${port}/v2`;
      await eventually(async () => ((await fetch(`${base}/health/ready`)).ok ? true : undefined), 60);
      const metadata = await (await fetch(`${base}/models/demo`)).json();
      const request = JSON.stringify({ inputs: metadata.inputs.map(sampleInput) });
      const infer = async () => {
        const response = await fetch(`${base}/models/demo/infer`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: request,
        });
        return { status: response.status, body: await response.json() };
      };
      const first = await infer();
      expect(first.status).toBe(200);
      expect(first.body.model_version).toBe('2');

      const statuses = new Set<number>();
      let asking = true;
      const stream = (async () => {
        while (asking) statuses.add((await infer()).status);
      })();
      await workspace.mustNx(['run', 'demo:rollback', '--environment=staging', '--reason=a drill']);
      const rolledBack = Date.now();
      await eventually(async () => ((await infer()).body.model_version === '1' ? true : undefined), 5);
      expect(Date.now() - rolledBack).toBeLessThan(2500);
      asking = false;
      await stream;
      expect([...statuses]).toEqual([200]);
    } finally {
      process.kill(-server.pid!, 'SIGTERM');
    }
  });

  it('keeps a version that was rolled back from coming back by itself', async () => {
    const { code, output } = await workspace.nx(['run', 'demo:deploy']);
    expect(code).not.toBe(0);
    expect(output).toMatch(/a drill/);
    const history = (await workspace.mustNx(['run', 'demo:history'])).output;
    expect(history).toMatch(/rolled.?back/i);
  });
});

/** `nx run demo:serve` as a user runs it, in a process group of its own. */
function serve(workspace: Workspace, port: number): ChildProcess {
  return spawn(
    process.execPath,
    [
      workspace.path('node_modules/nx/dist/bin/nx.js'),
      'run',
      'demo:serve',
      `--port=${port}`,
      '--environment=staging',
    ],
    {
      cwd: workspace.folder,
      env: { ...process.env, ...workspace.env },
      stdio: 'ignore',
      detached: true,
    },
  );
}

function sampleInput({ name, datatype }: { name: string; datatype: string }) {
  return { name, datatype, shape: [1, 1], data: [datatype === 'BYTES' ? 'Biscoe' : 1] };
}
