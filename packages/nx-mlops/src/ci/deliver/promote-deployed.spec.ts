import { pipeline } from './pipeline.fixture';
import { promoteDeployed } from './promote-deployed';

const refusedOf = async (request: Parameters<typeof promoteDeployed>[0]) =>
  (await promoteDeployed(request)).refused;

const way = { from: 'staging', to: 'production', signal: new AbortController().signal };

it('brings just what was deployed into the next environment, and twice is as once', async () => {
  const bench = pipeline();
  const models = [await bench.deploy('late', 'one'), await bench.deploy('@acme/early', 'two')];
  expect(await refusedOf({ ...bench, ...way, models })).toEqual([]);
  expect([await bench.serving('late'), await bench.serving('acme-early')]).toEqual([1, 1]);
  const { lastSeq } = await bench.registry.state('late');
  expect(await refusedOf({ ...bench, ...way, models })).toEqual([]);
  expect((await bench.registry.state('late')).lastSeq).toBe(lastSeq);
  expect(bench.printed.slice(-2)).toEqual([
    'production serves late version 1 already: nothing to do',
    'production serves @acme/early version 1 already: nothing to do',
  ]);
});

it('leaves out what a later version took the place of since it was approved', async () => {
  const bench = pipeline();
  const models = [await bench.deploy('late', 'one')];
  await bench.deploy('late', 'two');
  expect(await refusedOf({ ...bench, ...way, models })).toEqual([]);
  expect(await bench.serving('late')).toBeUndefined();
  expect(bench.printed).toEqual(['late version 1 is left out: staging is at version 2 by now.']);
});

it('what production has already is well, wherever staging went', async () => {
  const bench = pipeline();
  const models = [await bench.deploy('late', 'one')];
  await promoteDeployed({ ...bench, ...way, models });
  await bench.deploy('late', 'two');
  expect(await refusedOf({ ...bench, ...way, models })).toEqual([]);
  expect(bench.printed.at(-1)).toBe('production serves late version 1 already: nothing to do');
});

it('refuses what was rolled back meanwhile', async () => {
  const bench = pipeline();
  await bench.deploy('late', 'one');
  const models = [await bench.deploy('late', 'two')];
  await bench.registry.rollback({ model: 'late', environment: 'staging', actor: 'ann', reason: 'bad' });
  expect(await refusedOf({ ...bench, ...way, models })).toEqual(['late']);
  expect(await bench.serving('late')).toBeUndefined();
  expect(bench.printed[0]).toBe('late version 2 does not go to production: it was withdrawn from staging.');
});

it('refuses a version whose digest is another than the registry knows', async () => {
  const bench = pipeline();
  const model = await bench.deploy('late', 'one');
  const models = [{ ...model, digest: '0'.repeat(64) }];
  expect(await refusedOf({ ...bench, ...way, models })).toEqual(['late']);
  expect(bench.printed[0]).toMatch(/knows no version 1 with this digest/);
});

it('goes on after a refusal, and names all that were refused', async () => {
  const bench = pipeline({ gates: [{ metric: 'rmse', max: 4 }] });
  const models = [
    await bench.deploy('bad', 'too long by far'),
    await bench.deploy('late', 'one'),
    await bench.deploy('worse', 'much too long by far'),
  ];
  expect(await refusedOf({ ...bench, ...way, models })).toEqual(['bad', 'worse']);
  expect(await bench.serving('late')).toBe(1);
  expect(bench.printed[0]).toMatch(/^bad: MLOPS_\w+ /);
  expect(bench.printed.at(-1)).toBe('Did not go to production: bad, worse.');
});

it('refuses what does not pass its verification', async () => {
  const bench = pipeline();
  const models = [await bench.deploy('late', 'one')];
  bench.tools.verification = { kind: 'verification', verdict: 'fail', summary: 'a file is not whole' };
  expect(await refusedOf({ ...bench, ...way, models })).toEqual(['late']);
  expect(bench.printed[0]).toMatch(/^late: MLOPS_VERIFICATION_FAILED .*a file is not whole/);
});

it('starts the rollout that production asks for, once, and follows it when told to', async () => {
  const bench = pipeline({ strategy: { type: 'blue-green', soak: '0s' } });
  const first = await bench.deploy('late', 'one');
  await promoteDeployed({ ...bench, ...way, models: [first] });
  const models = [await bench.deploy('late', 'two')];
  expect(await refusedOf({ ...bench, ...way, models, watch: true, interval: 0 })).toEqual([]);
  expect(await bench.serving('late')).toBe(2);
});

it('a rollout that waits for approval is under way, and stays so', async () => {
  const bench = pipeline({ approvals: 1 });
  const models = [await bench.deploy('late', 'one')];
  expect(await refusedOf({ ...bench, ...way, models })).toEqual([]);
  expect(await refusedOf({ ...bench, ...way, models })).toEqual([]);
  expect(await bench.serving('late')).toBeUndefined();
  expect((await bench.registry.state('late')).rollouts.size).toBe(1);
  expect(bench.printed.at(-1)).toBe('A rollout of late version 1 to production is under way already');
});

it('names what is there now or on its way, for the environment after it', async () => {
  const bench = pipeline({ gates: [{ metric: 'rmse', max: 4 }] });
  const good = await bench.deploy('late', 'one');
  const bad = await bench.deploy('bad', 'too long by far');
  const old = await bench.deploy('old', 'one');
  await bench.deploy('old', 'two');
  const models = [bad, good, old];
  for (let times = 0; times < 2; times++) {
    expect(await promoteDeployed({ ...bench, ...way, models })).toEqual({
      promoted: [good],
      refused: ['bad'],
    });
  }
});

it('changes nothing in a dry run', async () => {
  const bench = pipeline();
  const models = [await bench.deploy('late', 'one')];
  expect(await refusedOf({ ...bench, ...way, models, dryRun: true })).toEqual([]);
  expect(await bench.serving('late')).toBeUndefined();
});

it('says so where nothing was deployed', async () => {
  const bench = pipeline();
  expect(await refusedOf({ ...bench, ...way, models: [] })).toEqual([]);
  expect(bench.printed).toEqual(['Nothing was deployed to staging, so nothing goes to production.']);
});
