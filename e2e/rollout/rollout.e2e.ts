import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../tools/workspace/run.mjs';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { stripAnsi, workspaceFor } from '../support';

const production = {
  name: 'production',
  requires: ['staging'],
  strategy: {
    type: 'canary',
    steps: [
      { weight: 5, requests: 200 },
      { weight: 50, requests: 200 },
    ],
    soak: '1s',
    deadline: '1h',
  },
  traffic: 'file:traffic',
};

/** From staging to production by a canary; a good version gets through, a bad one is stopped at the first step. */
describe('a canary in a fresh workspace', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await workspaceFor('rollout', { daemon: false });
    await workspace.mustNx(['g', 'nx-mlops:init']);
    await workspace.mustNx(['g', 'nx-mlops:model', 'demo', '--sample', '--no-interactive']);
    await workspace.edit('mlops.json', (text) => {
      const config = JSON.parse(text) as { environments: object[] };
      return JSON.stringify({ ...config, environments: [{ name: 'staging' }, production] });
    });
    await mkdir(workspace.path('traffic'), { recursive: true });
    await workspace.commit('A model and its environments');
  });
  afterAll(() => workspace.stop());

  const json = async (args: string[]) => {
    const { output } = await workspace.mustNx(['run', ...args, '--json']);
    return JSON.parse(jsonIn(stripAnsi(output))) as never;
  };
  const status = async () => {
    const bin = workspace.path('node_modules/nx-mlops/dist/bin/nx-mlops.js');
    const { output } = await run(process.execPath, [bin, 'status', '--json'], {
      cwd: workspace.folder,
      env: workspace.env,
    });
    const { rows } = JSON.parse(output) as {
      rows: {
        environment: string;
        version?: number;
        rollout?: { version: number; weight: number; phase: string };
      }[];
    };
    return rows.find(({ environment }) => environment === 'production');
  };
  const nextVersion = async () => {
    await workspace.edit('demo/model.config.json', (text) =>
      text.replace(/"epochs": (\d+)/, (_, epochs) => `"epochs": ${Number(epochs) + 1}`),
    );
    await workspace.mustNx(['run', 'demo:deploy']);
  };

  /** Percent of the requests that the candidate answers now, from the log itself. */
  const weight = async () => {
    const log = await workspace.read('.mlops/registry/models/demo/events.jsonl');
    const events = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step?: number });
    // A step that is held stays where it is.
    const last = events.findLast(({ type }) => type !== 'rollout-held' && type !== 'registered');
    // verify, 5 %, 50 %, soak
    return last?.type === 'rollout-advanced' ? ([0, 5, 50, 100][last.step ?? 0] ?? 0) : 0;
  };

  /**
   * Counters of both versions, as a server that follows the registry would append them, until the function that it gives
   * is called.
   */
  function traffic(errors: { readonly champion: [number, number]; readonly candidate: [number, number] }) {
    let from = new Date();
    let share = 0;
    const write = async () => {
      const to = new Date();
      const after = await weight();
      // No line mixes two shares.
      if (after === share) {
        const lines = (
          [
            [...errors.champion, 100 - share],
            [...errors.candidate, share],
          ] as [number, number, number][]
        )
          .filter(([, , percent]) => percent > 0)
          .map(([version, errorShare, percent]) =>
            JSON.stringify(trafficRecord(version, from, to, percent * 20, errorShare)),
          );
        await appendFile(join(workspace.folder, 'traffic', 'server.jsonl'), `${lines.join('\n')}\n`);
      }
      share = after;
      from = to;
    };
    let writing = Promise.resolve();
    const timer = setInterval(() => (writing = writing.then(write)), 200);
    return async () => {
      clearInterval(timer);
      await writing;
    };
  }

  it('refuses to skip staging, then brings the first version through at once', async () => {
    await workspace.mustNx(['run', 'demo:deploy']);
    await workspace.mustNx(['run', 'demo:promote']);
    expect(await status()).toMatchObject({ version: 1 });
    await workspace.edit('demo/model.config.json', (text) => text.replace(/"seed": \d+/, '"seed": 99'));
    const { code, output } = await workspace.nx(['run', 'demo:deploy:production']);
    expect(code).not.toBe(0);
    expect(output).toMatch(/has not served in "staging"/);
    expect(await status()).toMatchObject({ version: 1 });
  });

  it('holds a canary that has had no traffic', async () => {
    await nextVersion();
    const { output } = await workspace.mustNx(['run', 'demo:promote', '--reason=the new epochs']);
    expect(output).toMatch(/send it 5 % of the requests/);
    const { rollout } = (await status()) ?? {};
    expect(rollout).toMatchObject({ weight: 5, phase: 'canary' });
    await workspace.mustNx(['run', 'demo:advance:production']);
    expect((await status())?.rollout).toMatchObject({ weight: 5 });
  });

  it('takes it to the end as good traffic comes', async () => {
    const { rollout } = (await status()) ?? {};
    const candidate = rollout?.version as number;
    const stop = traffic({ champion: [1, 0.002], candidate: [candidate, 0.002] });
    try {
      const ended = await json(['demo:watch:production', '--interval=0.5']);
      expect(ended).toMatchObject({ candidate: { version: candidate }, end: { kind: 'completed' } });
    } finally {
      await stop();
    }
    expect(await status()).toMatchObject({ version: candidate });
    expect((await status())?.rollout).toBeUndefined();
  });

  it('stops a bad version at its first step; history shows who, what and why', async () => {
    const before = (await status())?.version as number;
    await nextVersion();
    const started = (await json(['demo:promote'])) as { rollout: { candidate: { version: number } } };
    const candidate = started.rollout.candidate.version;
    const stop = traffic({ champion: [before, 0.002], candidate: [candidate, 0.3] });
    let ended;
    try {
      ended = await workspace.nx(['run', 'demo:watch:production', '--interval=0.5']);
    } finally {
      await stop();
    }
    expect(ended.code).not.toBe(0);
    expect(ended.output).toMatch(/aborted because of analysis/);
    expect(await status()).toMatchObject({ version: before });

    const { output } = await workspace.mustNx(['run', 'demo:history:production']);
    const history = stripAnsi(output);
    expect(history).toMatch(new RegExp(`canary rollout started from staging +production +${candidate}`));
    expect(history).toMatch(/rollout aborted \(analysis\).*errors/i);
    expect(history).not.toMatch(new RegExp(`rollout at step 3 +production +${candidate}`));

    const again = await workspace.nx(['run', 'demo:promote']);
    expect(again.code).not.toBe(0);
    expect(again.output).toMatch(/aborted/);
    expect(await status()).toMatchObject({ version: before });
  });

  it('tells what would change, and goes back in one word', async () => {
    const diff = await json(['demo:diff:production']);
    expect(diff).toMatchObject({ signature: [] });
    expect((diff as { differences: { what: string }[] }).differences.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['weights', 'param epochs']),
    );
    await workspace.mustNx(['run', 'demo:rollback']);
    expect(await status()).toMatchObject({ version: 1 });
  });
});

/** What Nx prints around it apart. */
function jsonIn(output: string): string {
  const start = output.search(/^[[{]/m);
  const end = Math.max(output.lastIndexOf('\n}'), output.lastIndexOf('\n]'));
  return output.slice(start, end + 2);
}

function trafficRecord(version: number, from: Date, to: Date, requests: number, errorShare: number): object {
  const errors = Math.round(requests * errorShare);
  return {
    schemaVersion: 1,
    model: 'demo',
    environment: 'production',
    version,
    role: 'live',
    from: from.toISOString(),
    to: to.toISOString(),
    requests,
    errors,
    latency: { bounds: [0.005, 0.01, 0.025], counts: [requests - errors, 0, 0, 0] },
  };
}
