import {
  canonicalJson,
  mlopsConfigSchema,
  openRegistry,
  sha256OfBytes,
  type GateReport,
  type ModelManifest,
} from '@nx-mlops/core';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { CommentService, human, self } from '../pull-request/comment-service.fixture';
import type { ReportedProject } from './model-report';
import { reportWorkspace, type ReportRequest } from './report-workspace';
import { evaluationOf, gateOf, gatesOf, manifestOf, now, projectOf } from './workspace-report.fixture';

tmp.setGracefulCleanup();

const marker = '<!-- nx-mlops report -->';
const model = '@acme/late';

/** A workspace on disk as train, evaluate and gate leave it, and a pull request. */
class Bench {
  readonly root = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  readonly printed: string[] = [];
  readonly project = projectOf(model, ['flights']);
  readonly mlops = mlopsConfigSchema.parse({ environments: [{ name: 'staging' }, { name: 'production' }] });
  readonly registry = openRegistry(this.mlops.registry, this.root);
  readonly projects = new Map<string, ReportedProject>([
    [model, this.project],
    [
      'flights',
      {
        name: 'flights',
        root: 'data/flights',
        targets: { prepare: 'prepare', validate: 'validate' },
        dependencies: [],
      },
    ],
  ]);
  manifest: ModelManifest = { ...manifestOf(model), file: { sha256: sha256OfBytes('model 2'), size: 7 } };

  constructor(readonly service: CommentService) {
    this.write(`${this.project.root}/model.config.json`, {
      task: 'binary-classification',
      datasets: { train: 'flights:train', test: 'flights:test' },
      features: ['distance', 'hour', 'carrier'],
      target: 'late',
      training: { entry: 'src/train.ts' },
      evaluation: { metrics: ['roc-auc'] },
    });
    this.write('event.json', { pull_request: { number: 12, head: { sha: 'c'.repeat(40) } } });
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }
  write(file: string, value: unknown): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), typeof value === 'string' ? value : canonicalJson(value));
  }
  remove(folder: string): void {
    rmSync(this.path(this.project.root, '.mlops', folder), { recursive: true, force: true });
  }
  evaluation() {
    return { ...evaluationOf(model), modelSha256: this.manifest.file.sha256 };
  }
  gates(changes: Partial<GateReport> = {}): GateReport {
    return {
      ...gatesOf(model, [gateOf()]),
      modelSha256: this.manifest.file.sha256,
      evaluationSha256: sha256OfBytes(canonicalJson(this.evaluation())),
      ...changes,
    };
  }
  /** Trained, evaluated and judged. */
  judge(changes: Partial<GateReport> = {}): void {
    const folder = `${this.project.root}/.mlops`;
    this.write(`${folder}/model/model.manifest.json`, this.manifest);
    this.write(`${folder}/evaluation/evaluation.json`, this.evaluation());
    this.write(`${folder}/gate/gate.json`, this.gates(changes));
  }
  /** Version 1 in production, with fewer rows and another feature. */
  async deployChampion(): Promise<void> {
    const file = this.path('champion.onnx');
    this.write('champion.onnx', 'model 1');
    const former: ModelManifest = {
      ...manifestOf(model),
      file: { sha256: sha256OfBytes('model 1'), size: 7 },
      features: [
        { name: 'distance', type: 'integer' },
        { name: 'hour', type: 'integer' },
        { name: 'dew', type: 'number' },
      ],
      datasets: { train: { dataset: 'flights', split: 'train', sha256: '9'.repeat(64), rows: 40_000 } },
    };
    const evaluation = evaluationOf(model, {
      test: { dataset: 'flights', split: 'test', sha256: '8'.repeat(64), rows: 10_000 },
    });
    this.write('champion.evaluation.json', evaluation);
    const { version } = await this.registry.registerVersion({
      model: 'acme-late',
      files: { 'model.onnx': file, 'evaluation.json': this.path('champion.evaluation.json') },
      manifest: former,
      metrics: { 'roc-auc': 0.7 },
      gates: { ...gatesOf(model, []), modelSha256: former.file.sha256 },
      provenance: {},
      actor: 'ann',
    });
    await this.registry.deploy({
      model: 'acme-late',
      environment: 'production',
      version: version.version,
      actor: 'ann',
    });
  }
  run(
    ...tasks: { target: string; project?: string; status?: number; cached?: boolean; hash?: string }[]
  ): void {
    const moment = (seconds: number) => new Date(Date.UTC(2026, 10, 24, 11, 0, seconds)).toISOString();
    this.write('run.json', {
      run: { command: 'nx affected -t gate', startTime: moment(0), endTime: moment(90), inner: false },
      tasks: tasks.map(({ target, project = model, status = 0, cached = false, hash = 'h' }) => ({
        taskId: `${project}:${target}`,
        target,
        projectName: project,
        hash,
        startTime: moment(1),
        endTime: moment(6),
        params: '',
        cacheStatus: cached ? 'local-cache-hit' : 'cache-miss',
        status,
      })),
    });
  }
  report(changes: Partial<ReportRequest> = {}): Promise<boolean> {
    return reportWorkspace({
      workspaceRoot: this.root,
      projects: this.projects,
      models: [model],
      mlops: this.mlops,
      registry: this.registry,
      runFile: this.path('run.json'),
      env: {
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: this.service.url,
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_TOKEN: this.service.token,
        GITHUB_EVENT_PATH: this.path('event.json'),
        GITHUB_STEP_SUMMARY: this.path('summary.md'),
      },
      now,
      signal: new AbortController().signal,
      print: (line) => this.printed.push(line),
      retry: { firstWait: 1 },
      ...changes,
    });
  }
  get text(): string {
    return readFileSync(this.path('.mlops/report/report.md'), 'utf8');
  }
}

let service: CommentService;
let bench: Bench;
beforeEach(async () => {
  service = await CommentService.start();
  bench = new Bench(service);
});
afterEach(() => service.stop());

describe('reportWorkspace', () => {
  it('writes the report and the comment, and says where both are', async () => {
    bench.judge();
    expect(await bench.report({ output: 'out/models.md' })).toBe(true);
    expect(service.comments.map(({ body }) => body)).toEqual([`${marker}\n${bench.text}`.trim()]);
    expect(readFileSync(bench.path('out/models.md'), 'utf8')).toBe(bench.text);
    expect(bench.printed).toEqual([
      'The report is in out/models.md',
      '✅ The model passes its gates',
      expect.stringMatching(/^Wrote the comment on pull request 12 of acme\/shop: https:/),
    ]);
    expect(bench.text).toContain('Commit <code>ccccccccc</code>');
    expect(existsSync(bench.path('summary.md'))).toBe(false);
  });

  it('compares the data with the champion in the registry', async () => {
    await bench.deployChampion();
    bench.judge({ baselines: [] });
    await bench.report();
    expect(bench.text).toContain('| train<br><code>flights:train</code> | 40,000 | 52,000 | +30.0 % |');
    expect(bench.text).toContain('| test<br><code>flights:test</code> | 10,000 | 13,000 | +30.0 % |');
    expect(bench.text).toContain('- new feature <code>carrier</code>');
    expect(bench.text).toContain('- feature <code>dew</code> is gone');
    expect(bench.text).toContain('- feature <code>distance</code> is now number, was integer');
    expect(bench.text).toContain('data is compared with version 1, which <code>production</code> serves.');
  });

  it('says that there is nothing to compare with', async () => {
    bench.judge({ baselines: [] });
    await bench.report();
    expect(bench.text).toContain('No environment serves this model yet');
  });

  it('is made although the registry is broken, and says so', async () => {
    await bench.deployChampion();
    bench.write('.mlops/registry/models/acme-late/events.jsonl', '{"seq":1}\n');
    bench.judge({ baselines: [] });
    await bench.report();
    expect(bench.text).toContain('The registry could not be read: .mlops/registry');
    expect(bench.text).not.toContain(bench.root);
    expect(bench.text).toContain('✅ The model passes its gates');
  });

  it('tells time spent, and what the cache saved of the training that it belongs to', async () => {
    bench.judge();
    const record = {
      version: 1,
      model,
      startedAt: '2026-11-20T10:00:00Z',
      finishedAt: '2026-11-20T10:12:34Z',
      duration: 754,
      host: 'ci',
      node: '20',
      params: {},
      seed: 1,
      finalMetrics: {},
      nxTaskHash: 'h',
    };
    bench.write(`${bench.project.root}/.mlops/model/run.json`, record);
    bench.run({ target: 'train', cached: true }, { target: 'evaluate', cached: true }, { target: 'gate' });
    await bench.report();
    expect(bench.text).toContain('| 5.0\u00A0s<br>saved\u00A012\u00A0min\u00A034\u00A0s |');
    expect(bench.text).toMatch(/The run took 1 min 30 s · the cache saved 12 min 34 s/);

    bench.run({ target: 'train', cached: true, hash: 'another' }, { target: 'gate' });
    await bench.report();
    expect(bench.text).not.toContain('saved');
  });

  describe('tells of a model as not judged, with the reason,', () => {
    const because = async (): Promise<string> => {
      await bench.report();
      const row = bench.text.split('\n').find((line) => line.startsWith(`| <code>${model}</code>`));
      expect(row).toContain('❔\u00A0not\u00A0judged');
      return /<\/summary>\n\n(.*)\n/.exec(bench.text)?.[1] ?? '';
    };

    it('when it was not trained', async () =>
      expect(await because()).toMatch(/^It was not trained\. <code>nx run @acme\/late:gate<\/code> does/));
    it('when it was not evaluated', async () => {
      bench.judge();
      bench.remove('evaluation');
      expect(await because()).toMatch(/^It was not evaluated/);
    });
    it('when its gates did not run', async () => {
      bench.judge();
      bench.remove('gate');
      expect(await because()).toMatch(/^Its gates were not run/);
    });
    it('when the verdicts are on another evaluation', async () => {
      bench.judge({ evaluationSha256: 'f'.repeat(64) });
      expect(await because()).toMatch(/^Its verdicts are on another evaluation/);
    });
    it('when the evaluation is of another model', async () => {
      bench.judge();
      bench.write(`${bench.project.root}/.mlops/model/model.manifest.json`, {
        ...bench.manifest,
        file: { sha256: 'd'.repeat(64), size: 1 },
      });
      expect(await because()).toMatch(/^Its evaluation is of another model/);
    });
    it('when its verdicts cannot be read', async () => {
      bench.judge();
      bench.write(`${bench.project.root}/.mlops/gate/gate.json`, '{');
      expect(await because()).toMatch(/^ml\/acme\/late\/\.mlops\/gate\/gate\.json: is no whole JSON/);
    });
    it('when the training failed and what lies there is older', async () => {
      bench.judge();
      bench.run({ target: 'train', status: 1 });
      expect(await because()).toMatch(/^The task <code>@acme\/late:train<\/code> failed in this run/);
    });
    it('when the validation of its data failed and what lies there is older', async () => {
      bench.judge();
      bench.run({ project: 'flights', target: 'validate', status: 1 });
      expect(await because()).toMatch(/^The task <code>flights:validate<\/code> failed in this run/);
    });
  });

  it('takes a failed gate for a verdict, not for a failure before it', async () => {
    bench.judge({ passed: false, verdict: 'fail', gates: [gateOf({ verdict: 'fail', effect: 'block' })] });
    bench.run({ target: 'train' }, { target: 'evaluate' }, { target: 'gate', status: 1 });
    expect(await bench.report()).toBe(true);
    expect(bench.text).toContain('❌ The model does not pass its gates');
    expect(bench.printed).toContain('  @acme/late: roc-auc >= 0.7');
  });

  it('answers no with failOnBlock when a model is blocked or was not judged', async () => {
    bench.judge();
    expect(await bench.report({ failOnBlock: true })).toBe(true);
    bench.judge({ passed: false, verdict: 'fail', gates: [gateOf({ verdict: 'fail', effect: 'block' })] });
    expect(await bench.report({ failOnBlock: true })).toBe(false);
    bench.remove('gate');
    expect(await bench.report({ failOnBlock: true })).toBe(false);
  });
});

describe('when no model is affected', () => {
  it('nothing is written, and a report of an earlier run does not stay', async () => {
    bench.judge();
    await bench.report({ comment: 'off' });
    service.add('a remark', human);
    expect(await bench.report({ models: [] })).toBe(true);
    expect(existsSync(bench.path('.mlops/report/report.md'))).toBe(false);
    expect(existsSync(bench.path('summary.md'))).toBe(false);
    expect(service.comments.map(({ body }) => body)).toEqual(['a remark']);
  });

  it('a comment that is there says so', async () => {
    bench.judge();
    await bench.report();
    await bench.report({ models: [] });
    expect(service.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(/^<!-- nx-mlops report -->\n## ➖ No model is affected any more/),
    ]);
    expect(service.comments[0]?.author).toEqual(self);
  });

  it('and the former comment cannot be reached, a required one fails, an optional one does not', async () => {
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: service.url,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_TOKEN: 'x',
      GITHUB_REF: 'refs/pull/12/merge',
    };
    await expect(bench.report({ models: [], env })).rejects.toMatchObject({ code: 'MLOPS_REPORT_REFUSED' });
    expect(await bench.report({ models: [], env, comment: 'optional' })).toBe(true);
  });
});

describe('without a comment', () => {
  const actions = () => ({
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: bench.path('summary.md'),
    GITHUB_REPOSITORY: 'acme/shop',
  });

  it('for want of a token, the report is in the summary of the job, which says why', async () => {
    bench.judge();
    bench.write('summary.md', 'What another tool wrote.\n');
    expect(await bench.report({ env: { ...actions(), GITHUB_REF: 'refs/pull/12/merge' } })).toBe(true);
    expect(readFileSync(bench.path('summary.md'), 'utf8')).toBe(`What another tool wrote.\n${bench.text}`);
    expect(bench.printed.at(-1)).toMatch(
      /^No comment: there is no GITHUB_TOKEN.*The report is in the job's summary\.$/,
    );
    expect(service.requests).toEqual([]);
  });

  it('because the summary is full, it is printed', async () => {
    bench.judge();
    bench.write('summary.md', 'x'.repeat(1024 * 1024 - 100));
    await bench.report({ env: actions() });
    expect(readFileSync(bench.path('summary.md'), 'utf8')).toHaveLength(1024 * 1024 - 100);
    expect(bench.printed.at(-1)).toContain('## ✅ The model passes its gates');
  });

  it('on Jenkins, it is in the file and printed', async () => {
    bench.judge();
    expect(await bench.report({ env: { BUILD_URL: 'https://jenkins.example/job/1/' } })).toBe(true);
    expect(bench.printed).toEqual([
      'The report is in .mlops/report/report.md',
      '✅ The model passes its gates',
      expect.stringMatching(/--provider=github or gitlab\.$/),
      expect.stringContaining('[CI run](https://jenkins.example/job/1/)'),
    ]);
  });

  it('that is required, the command fails, and the report is in the summary still', async () => {
    bench.judge();
    service.spoil('POST', { kind: 'status', status: 403 });
    await expect(bench.report()).rejects.toMatchObject({ code: 'MLOPS_REPORT_REFUSED' });
    expect(readFileSync(bench.path('summary.md'), 'utf8')).toBe(bench.text);
  });

  it('that is optional, the command succeeds and says why there is none', async () => {
    bench.judge();
    service.spoil('POST', { kind: 'status', status: 403 });
    expect(await bench.report({ comment: 'optional' })).toBe(true);
    expect(bench.printed.at(-1)).toMatch(/^No comment: MLOPS_REPORT_REFUSED .*pull-requests: write/);
  });

  it('that was asked for, nobody is called', async () => {
    bench.judge();
    await bench.report({ comment: 'off' });
    expect(service.requests).toEqual([]);
    expect(bench.text).toContain('passes its gates');
  });
});
