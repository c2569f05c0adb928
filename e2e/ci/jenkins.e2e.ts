import { runJenkinsfile } from '../../tools/ci/jenkins.mjs';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { workspaceFor } from '../support';
import { describeWith } from '../with-programs';

type Build = Awaited<ReturnType<typeof runJenkinsfile>>;
type BuildOptions = Omit<Parameters<typeof runJenkinsfile>[0], 'text'>;

/** What `ci deploy` and `ci promote` leave where there was something to bring. */
const delivered = Object.fromEntries(
  ['deploy-staging', 'promote-production'].map((job) => [`.mlops/ci/out/${job}/any`, '']),
);
const main: BuildOptions = { env: { BRANCH_NAME: 'main', BUILD_NUMBER: '7' }, files: delivered };
const pullRequest: BuildOptions = {
  env: { BRANCH_NAME: 'PR-3', CHANGE_ID: '3', CHANGE_TARGET: 'main', BUILD_NUMBER: '2' },
};
const timer = 'hudson.triggers.TimerTrigger$TimerTriggerCause';

/** The Jenkinsfile that a workspace gets, by JenkinsPipelineUnit: what it does, but not what its commands do. */
describeWith('jenkins', 'the Jenkinsfile that is generated', () => {
  let workspace: Workspace;
  /** Two agents, staging and production. */
  let text: string;
  /** One agent and one with a GPU, and a canary in production. */
  let withCanary: string;
  /** A push to main, everything well, production approved. */
  let green: Build;

  beforeAll(async () => {
    workspace = await workspaceFor('ci jenkins', { daemon: false });
    await workspace.mustNx(['g', 'nx-mlops:init']);
    text = await generated([{ name: 'staging' }, { name: 'production', requires: ['staging'] }], {});
    const strategy = { type: 'canary', steps: [{ weight: 5, requests: 200 }], deadline: '1h' };
    withCanary = await generated(
      [{ name: 'staging' }, { name: 'production', requires: ['staging'], strategy }],
      { agents: 1, classes: { gpu: { agents: 1, runner: ['linux', 'gpu'] } } },
    );
    green = await runJenkinsfile({ text, ...main });
  }, 900_000);

  async function generated(environments: object[], ci: object): Promise<string> {
    await workspace.edit('mlops.json', (before) =>
      JSON.stringify({ ...JSON.parse(before), registry: 's3://models', environments, ci }),
    );
    await workspace.mustNx([
      'g',
      'nx-mlops:ci',
      '--provider=jenkins',
      ...('agents' in ci ? [] : ['--agents=2']),
    ]);
    return workspace.read('Jenkinsfile');
  }

  it('checks a push to main on two agents at once, deploys it, and promotes it after a yes', () => {
    expect(green.conclusion).toBe('SUCCESS');
    expect(stagesOf(green)).toEqual([
      ['Plan', 'SUCCESS'],
      ['Check', 'SUCCESS'],
      ['Check/Check 1', 'SUCCESS'],
      ['Check/Check 2', 'SUCCESS'],
      ['Report', 'SUCCESS'],
      ['Deploy to staging', 'SUCCESS'],
      ['Approve production', 'SUCCESS'],
      ['Promote to production', 'SUCCESS'],
    ]);
    expect(green.stages.find(({ name }) => name === 'Check')?.parallel).toEqual(['Check 1', 'Check 2']);
    expect(commandsOf(green)).toEqual([
      ['Plan', 'ci plan'],
      ['Check/Check 1', 'ci run --shard="$MLOPS_SHARD"'],
      ['Check/Check 2', 'ci run --shard="$MLOPS_SHARD"'],
      ['Report', 'ci collect --save'],
      ['Report', 'report --run-file=.mlops/ci/run.json --comment=optional $MLOPS_REPORT_OPTIONS'],
      ['Deploy to staging', 'ci collect'],
      ['Deploy to staging', 'ci deploy --environment=staging'],
      ['Deploy to staging', 'ci smoke --environment=staging'],
      ['Deploy to staging', 'ci run --targets=smoke --configuration=staging --job=smoke-staging'],
      ['Deploy to staging', 'ci collect --save --green'],
      ['Promote to production', 'ci promote --from=staging --to=production'],
    ]);
    expect(callsOf(green, 'sh', / --shard=/).map(({ env }) => env['MLOPS_SHARD'])).toEqual(['1', '2']);
  });

  it('asks for production where no agent is held, and locks an environment before it takes one', () => {
    const { inputs, calls } = green;
    // An input that holds an executor would have an agent here.
    expect(inputs).toEqual([
      {
        message: 'Promote what staging got to production?',
        ok: 'Promote',
        approved: true,
        stage: 'Approve production',
      },
    ]);
    for (const [environment, stage, ordinal] of [
      ['staging', 'Deploy to staging', 1],
      ['production', 'Promote to production', 2],
    ] as const) {
      const started = calls.filter((call) => call.stage === stage).slice(0, 3);
      expect(started.map((call) => [call.name, call.arguments[0], call.agent])).toEqual([
        ['lock', `nx-mlops-${environment}`, undefined],
        ['milestone', ordinal, undefined],
        ['node', '', undefined],
      ]);
    }
  });

  it('hands on what each shard made, shows its JUnit files, and never its cache entries', () => {
    const nameOfStash = ({ arguments: [stash] }: Build['calls'][number]) => stash.name ?? stash;
    const stashes = callsOf(green, 'stash').map((call) => [call.stage, nameOfStash(call), call.post]);
    expect(stashes).toEqual([
      ['Plan', 'plan', 'always'],
      ['Check/Check 1', 'out-1', 'always'],
      ['Check/Check 2', 'out-2', 'always'],
      ['Deploy to staging', 'out-deploy-staging', undefined],
      ['Promote to production', 'out-promote-production', undefined],
    ]);
    expect(callsOf(green, 'unstash').map((call) => [call.stage, nameOfStash(call)])).toEqual([
      ['Check/Check 1', 'plan'],
      ['Check/Check 2', 'plan'],
      ...['Report', 'Deploy to staging'].flatMap((stage) =>
        ['plan', 'out-1', 'out-2'].map((name) => [stage, name]),
      ),
      ['Promote to production', 'out-deploy-staging'],
    ]);
    expect(junitOf(green)).toEqual(['Check/Check 1', 'Check/Check 2']);
    const [archived] = callsOf(green, 'archiveArtifacts').filter(({ stage }) => stage === 'Check/Check 1');
    expect(archived?.arguments[0]).toMatchObject({ excludes: '.mlops/ci/out/*/entries/**' });
  });

  it('checks and reports a pull request, and deploys nothing of it', async () => {
    const build = await runJenkinsfile({ text, ...pullRequest });
    expect(build.conclusion).toBe('SUCCESS');
    expect(stagesOf(build).map(([path]) => path)).toEqual([
      'Plan',
      'Check',
      'Check/Check 1',
      'Check/Check 2',
      'Report',
    ]);
    expect(build.inputs).toEqual([]);
    // Its number ends the builds before it, which look at what is no longer asked for.
    expect(callsOf(build, 'milestone').map((call) => call.arguments[0])).toEqual([1, 2]);
  });

  it('goes on with the other shard after a red one, reports both, and deploys nothing', async () => {
    const build = await runJenkinsfile({
      text: redFirst(text),
      ...main,
      failing: [/nx-mlops ci run --shard="1"/],
    });
    expect(build.conclusion).toBe('FAILURE');
    expect(stagesOf(build)).toEqual([
      ['Plan', 'SUCCESS'],
      ['Check', 'SUCCESS'],
      ['Check/Check 1', 'FAILURE'],
      ['Check/Check 2', 'SUCCESS'],
      ['Report', 'SUCCESS'],
    ]);
    const red = build.stages.find(({ name }) => name === 'Check 1');
    expect(red?.post).toEqual(['always']);
    expect(junitOf(build)).toEqual(['Check/Check 1', 'Check/Check 2']);
    expect(callsOf(build, 'unstash').filter(({ stage }) => stage === 'Report')).toHaveLength(3);
    expect(commandsOf(build).at(-1)?.[1]).toMatch(/^report /);
    expect(build.inputs).toEqual([]);
  });

  it('asks nobody where nothing was deployed', async () => {
    const build = await runJenkinsfile({ text, ...main, files: {} });
    expect(build.conclusion).toBe('SUCCESS');
    expect(stagesOf(build).at(-1)).toEqual(['Deploy to staging', 'SUCCESS']);
    expect(build.inputs).toEqual([]);
  });

  it('leaves the build green and promotes nothing after a no', async () => {
    const build = await runJenkinsfile({ text, ...main, rejected: [/to production\?/] });
    expect(build.conclusion).toBe('SUCCESS');
    expect(stagesOf(build).slice(-2)).toEqual([
      ['Deploy to staging', 'SUCCESS'],
      ['Approve production', 'NOT_BUILT'],
    ]);
    expect(build.inputs).toMatchObject([{ approved: false }]);
  });

  it.each([
    ['at the time of the data', '04:17', ['Check fresh data', 'Monitor']],
    ['at a quarter of an hour', '04:30', ['Advance rollouts']],
  ])('does nothing else by its timer: %s', async (_, time, stages) => {
    const timeInMillis = Date.parse(`2026-01-02T${time}:20Z`);
    const build = await runJenkinsfile({ text: withCanary, ...main, causes: [timer], timeInMillis });
    expect(build.conclusion).toBe('SUCCESS');
    expect(stagesOf(build)).toEqual(stages.map((stage) => [stage, 'SUCCESS']));
    expect(build.pipeline?.triggers).toEqual([
      { name: 'cron', arguments: ['17 4 * * *\n0,15,30,45 * * * *'] },
    ]);
  });

  it('publishes the JUnit files of the data, also when they are red', async () => {
    const build = await runJenkinsfile({ text, ...main, causes: [timer], failing: [/ci data/] });
    expect(build.conclusion).toBe('FAILURE');
    expect(junitOf(build)).toEqual(['Check fresh data']);
  });

  it('rolls back by its parameters, which reach the command as variables', async () => {
    const params = {
      MLOPS_ROLLBACK_MODEL: 'churn',
      MLOPS_ROLLBACK_ENVIRONMENT: 'production',
      MLOPS_ROLLBACK_REASON: 'angry "customers"; $(reboot)',
    };
    const build = await runJenkinsfile({ text, ...main, params });
    expect(build.conclusion).toBe('SUCCESS');
    expect(stagesOf(build)).toEqual([['Roll back', 'SUCCESS']]);
    expect(commandsOf(build)).toEqual([
      [
        'Roll back',
        'rollback --environment="$MLOPS_ROLLBACK_ENVIRONMENT" --reason="$MLOPS_ROLLBACK_REASON" -- "$MLOPS_ROLLBACK_MODEL"',
      ],
    ]);
  });

  it('sends a class to its machines, and takes a canary on by time', async () => {
    const build = await runJenkinsfile({ text: withCanary, ...main });
    expect(build.conclusion).toBe('SUCCESS');
    expect(callsOf(build, 'sh', / --shard=/).map(({ stage, agent }) => [stage, agent])).toEqual([
      ['Check/Check 1', 'any'],
      ['Check/Check gpu-1', 'linux && gpu'],
    ]);
    expect(stagesOf(build).at(-1)).toEqual(['Promote to production', 'SUCCESS']);
  });
});

/** The script is the same for all shards, told apart by a variable that the harness does not read. */
function redFirst(text: string): string {
  return text.replace(
    `sh 'npx nx-mlops ci run --shard="$MLOPS_SHARD"'`,
    'sh "npx nx-mlops ci run --shard=\\"${env.MLOPS_SHARD}\\""',
  );
}

/** Those that ran, in order. */
function stagesOf({ stages }: Build): [path: string, status: string][] {
  return stages
    .filter(({ status }) => status !== 'SKIPPED')
    .map(({ path, status }): [string, string] => [path, status]);
}

function callsOf({ calls }: Build, step: string, script = /(?:)/): Build['calls'] {
  return calls.filter(({ name, arguments: [first] }) => name === step && script.test(String(first)));
}

/** What runs `nx-mlops`, and in which stage. */
function commandsOf(build: Build): [stage: string | undefined, command: string][] {
  return callsOf(build, 'sh', /^npx nx-mlops /).map((call): [string | undefined, string] => [
    call.stage,
    String(call.arguments[0]).replace('npx nx-mlops ', ''),
  ]);
}

/** Stages whose JUnit files are shown, which they are whether they are green or red. */
function junitOf(build: Build): (string | undefined)[] {
  return callsOf(build, 'junit')
    .filter(
      ({ post, arguments: [{ testResults }] }) => post === 'always' && testResults.endsWith('/junit.xml'),
    )
    .map(({ stage }) => stage);
}
