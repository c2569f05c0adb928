import { copyFlights, flightsCommands } from '../../tools/quickstart/flights.mjs';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { taskOutcomes, workspaceFor } from '../support';

const configFile = 'ml/flight-delay/model.config.json';
const gateFolder = 'ml/flight-delay/.mlops/gate';

/** The gates of the story: against what users see now, and against what this branch began from. */
const gates = [
  { metric: 'roc-auc', min: 0.6 },
  { metric: 'roc-auc', versus: 'production', margin: 0.005 },
  { metric: 'roc-auc', versus: 'merge-base', margin: 0.005 },
  { metric: 'log-loss', versus: 'production', severity: 'info' },
];

interface Config {
  readonly features: readonly string[];
  readonly training: { readonly params: Readonly<Record<string, unknown>> };
  readonly evaluation: Readonly<Record<string, unknown>>;
}

interface Gate {
  readonly name: string;
  readonly verdict: string;
  readonly effect?: string;
  readonly because: string;
  readonly versus?: {
    readonly value: number;
    readonly modelVersion?: number;
    readonly comparison?: {
      readonly verdict: string;
      readonly difference: number;
      readonly low: number;
      readonly high: number;
      readonly rowsNeeded?: number;
    };
  };
}

/** Three pull requests on flights: one makes the model worse, one better, one changes nothing but luck. */
describe('pull requests of a model', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await workspaceFor('pull request');
    await copyFlights(workspace);
    // A sixth of the flights: a minute for a training is enough of a story.
    await workspace.edit(
      'data/prepare.sql',
      (text) => `${text.trimEnd()} AND hash(date, origin, distance) % 6 = 0\n`,
    );
    await workspace.mustNx(['g', 'nx-mlops:init']);
    await workspace.mustNx(flightsCommands.dataset);
    await workspace.mustNx(flightsCommands.model);
    await setConfig((config) => ({
      ...config,
      features: ['hour', 'weekday', 'distance', 'origin'],
      training: { ...config.training, params: { ...config.training.params, epochs: 1 } },
      evaluation: { ...config.evaluation, slices: ['origin'], gates },
    }));
    await workspace.commit('A model of late flights');
  });
  afterAll(() => workspace.stop());

  it('begins without a champion: versus gates are skipped with the reason, and the model is released', async () => {
    await workspace.mustNx(['run', 'flight-delay:deploy:production']);
    const report = await workspace.readJson(`${gateFolder}/gate.json`);
    expect(report).toMatchObject({ passed: true, verdict: 'pass' });
    expect(gateNamed(report, 'roc-auc versus production')).toMatchObject({ verdict: 'skipped' });
    expect(gateNamed(report, 'roc-auc versus production').because).toMatch(/production serves no/i);
  });

  it('turns red when a feature is dropped, and says which gate, by how much, with the interval', async () => {
    const { code, output, report } = await pullRequest('drop-hour', (config) => ({
      ...config,
      features: config.features.filter((name) => name !== 'hour'),
    }));
    expect(code).not.toBe(0);
    expect(report).toMatchObject({ passed: false, verdict: 'fail' });
    const gate = gateNamed(report, 'roc-auc versus production');
    expect(gate).toMatchObject({ verdict: 'fail', effect: 'block' });
    expect(gate.versus).toMatchObject({ modelVersion: 1, comparison: { verdict: 'worse' } });
    expect(gate.versus?.comparison?.high).toBeLessThan(0);
    expect(gate.because).toMatch(/below production \(version 1\).*interval/);
    expect(output).toContain(gate.because);
    expect(gateNamed(report, 'roc-auc versus merge-base')).toMatchObject({ verdict: 'fail' });

    const junit = await workspace.read(`${gateFolder}/junit.xml`);
    expect(junit).toMatch(/<testcase [^>]*name="roc-auc versus production"[^>]*>\s*<failure/);
    expect(await workspace.read(`${gateFolder}/metrics.txt`)).toMatch(/# EOF\s*$/);
    expect(await workspace.read(`${gateFolder}/report.html`)).toContain('roc-auc versus production');

    // What is red is not deployed either.
    const { code: deployed } = await workspace.nx(['run', 'flight-delay:deploy']);
    expect(deployed).not.toBe(0);
    expect((await events()).filter(({ type }) => type === 'registered')).toHaveLength(1);
  });

  it('turns green when a feature makes it better', async () => {
    const { code, report } = await pullRequest('add-destination', (config) => ({
      ...config,
      features: [...config.features, 'destination'],
      training: { ...config.training, params: { ...config.training.params, epochs: 3 } },
    }));
    expect(code).toBe(0);
    expect(report).toMatchObject({ passed: true, verdict: 'pass' });
    expect(gateNamed(report, 'roc-auc versus production').versus?.comparison).toMatchObject({
      verdict: 'better',
    });
  });

  it('is as good within the margin when only the seed changes, and says so', async () => {
    const { code, output, report } = await pullRequest('other-seed', (config) => ({
      ...config,
      training: { ...config.training, seed: 8 },
    }));
    expect(code).toBe(0);
    const gate = gateNamed(report, 'roc-auc versus production');
    expect(['non-inferior', 'better']).toContain(gate.versus?.comparison?.verdict);
    expect(gate.because).toMatch(/interval/);
    expect(taskOutcomes(output)['flight-delay:train']).toBe('ran');
  });

  it('says that the rows do not suffice when the margin is finer than their noise, and how many would', async () => {
    await workspace.git('checkout', '-q', 'other-seed');
    await setConfig((config) => ({
      ...config,
      evaluation: {
        ...config.evaluation,
        gates: [{ metric: 'roc-auc', versus: 'production', slice: 'origin', margin: 0.0005 }],
      },
    }));
    const { output } = await workspace.nx(['run', 'flight-delay:gate']);
    const report = await workspace.readJson(`${gateFolder}/gate.json`);
    const inconclusive = (report.gates as Gate[]).filter(({ verdict }) => verdict === 'inconclusive');
    expect(inconclusive.length).toBeGreaterThan(0);
    for (const { effect, versus, because } of inconclusive) {
      expect(effect).toBe('warn');
      expect(versus?.comparison?.rowsNeeded).toBeGreaterThan(0);
      expect(because).toMatch(/rows/);
    }
    expect(output).toMatch(/inconclusive/);
    // The measuring is cached: a gate that was edited costs no evaluation.
    expect(taskOutcomes(output)['flight-delay:evaluate']).toBe('cached');
    await workspace.git('checkout', '-q', '--', '.');
  });

  it('is told in one report of the workspace', async () => {
    await workspace.git('checkout', '-q', 'drop-hour');
    await workspace.nx(['affected', '-t', 'gate', '--base=main', '--head=HEAD']);
    const summary = workspace.path('summary.md');
    const { code, output } = await workspace.mlops(['report', '--base=main', '--head=HEAD'], {
      env: { GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: 'true' },
    });
    expect({ code, output }).toMatchObject({ code: 0 });
    const markdown = await workspace.read('.mlops/report/report.md');
    expect(markdown).toMatch(/flight-delay/);
    expect(markdown).toMatch(/roc-auc/);
    expect(markdown).toMatch(/below production/);
    expect(await workspace.read('summary.md')).toContain('flight-delay');
    await workspace.git('checkout', '-q', 'main');
  });

  it('says nothing when no model is affected', async () => {
    await workspace.git('checkout', '-q', '-b', 'readme');
    await workspace.write('README.md', '# Readme\n');
    await workspace.commit('A README');
    const { code, output } = await workspace.mlops(['report', '--base=main', '--head=HEAD'], {
      env: { GITHUB_STEP_SUMMARY: workspace.path('summary-none.md'), GITHUB_ACTIONS: 'true' },
    });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toMatch(/no model is affected/i);
    expect(workspace.exists('summary-none.md')).toBe(false);
  });

  /** A branch off main with one change of the config, and what its pipeline says. */
  async function pullRequest(branch: string, change: (config: Config) => unknown) {
    await workspace.git('checkout', '-q', '-b', branch, 'main');
    await setConfig(change);
    await workspace.commit(`Try: ${branch}`);
    const { code, output } = await workspace.nx(
      ['affected', '-t', 'gate', '--base=main', '--head=HEAD', '--outputStyle=static'],
      { env: { NX_BASE: 'main' } },
    );
    return { code, output, report: await workspace.readJson(`${gateFolder}/gate.json`) };
  }

  async function setConfig(change: (config: Config) => unknown): Promise<void> {
    await workspace.edit(configFile, (text) => {
      const config = JSON.parse(text.replace(/^\s*\/\/.*$/gm, ''));
      return `${JSON.stringify(change(config), null, 2)}\n`;
    });
  }

  async function events(): Promise<{ type: string }[]> {
    const text = await workspace.read('.mlops/registry/models/flight-delay/events.jsonl');
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
});

function gateNamed(report: { readonly gates: readonly Gate[] }, name: string): Gate {
  const gate = report.gates.find((each) => each.name === name);
  if (gate === undefined) {
    throw new Error(`no gate "${name}" among: ${report.gates.map((each) => each.name).join('; ')}`);
  }
  return gate;
}
