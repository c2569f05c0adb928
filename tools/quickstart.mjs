/**
 * The first five minutes: a model that did not exist a minute ago is trained on three million real flights, evaluated,
 * gated and deployed by `nx affected`; then everything is read from the cache; then one parameter is changed, and
 * exactly the right tasks run again. `npm run quickstart -- --verbose` shows all that Nx prints.
 */
import { spawn } from 'node:child_process';
import { join, relative } from 'node:path';
import { copyFlights, flightsCommands } from './quickstart/flights.mjs';
import { createWorkspace } from './workspace/create-workspace.mjs';
import { packTarballs, repository } from './workspace/tarballs.mjs';

const verbose = process.argv.includes('--verbose');
const started = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const say = (line = '') => console.log(line);
const heading = (text) => say(`\n\u2500\u2500 ${text} ${'\u2500'.repeat(Math.max(3, 96 - text.length))}`);

/** One row a run for the table at the end: which tasks ran and which came from the cache. */
const runs = [];

heading('Build, pack, and a fresh workspace with the tarballs installed');
await packTarballs({ echo: verbose });
const workspace = await createWorkspace(join(repository, 'tmp/quickstart'), { echo: verbose });
say(`${relative(repository, workspace.folder)} is ready after ${seconds(started)}`);

try {
  heading('A dataset and a model');
  await copyFlights(workspace);
  await nx('g', 'nx-mlops:init');
  await workspace.commit('Add nx-mlops');
  await nx(...flightsCommands.dataset);
  await nx(...flightsCommands.model);
  await setParam('epochs', 2);
  await workspace.commit('A dataset of flights, and a model of late ones');

  heading('Train, evaluate, gate and deploy what the commit affects');
  await affected('the new model');
  const evaluation = await workspace.readJson('ml/flight-delay/.mlops/evaluation/evaluation.json');

  heading('The same again: everything comes from the cache');
  await affected('again');

  heading('A README and a parameter');
  await workspace.edit(
    'ml/flight-delay/README.md',
    (text) => `${text}\nTrained on January to April, tested on May and June.\n`,
  );
  await workspace.commit('Say what the model is trained on');
  await affected('README edited');
  await setParam('epochs', 3);
  await workspace.commit('One more epoch');
  await affected('epochs 2 \u2192 3');

  heading('Ask the model that staging serves');
  await askTheServer();

  heading('Back in one word');
  await nx('run', 'flight-delay:rollback', '--environment=staging', '--reason=The quickstart shows how');

  heading('What happened');
  printMetrics(evaluation);
  printRuns();
  await nx('run', 'flight-delay:history');

  heading('Where to look next');
  const at = (path) => join(relative(process.cwd(), workspace.folder) || '.', path);
  say(`${at('ml/flight-delay/src/train.ts')}            the training script, yours to change`);
  say(`${at('ml/flight-delay/model.config.json')}       parameters, metrics, gates`);
  say(`${at('ml/flight-delay/.mlops/gate/report.html')}   the report: gates, intervals, curves, slices`);
  say(
    `cd ${relative(process.cwd(), workspace.folder)} && npx nx graph               which model learns from which data`,
  );
  say('docs/caching.md                                what is in the key of each task');
  say(`\nDone in ${seconds(started)}.`);
} finally {
  await workspace.stop();
}

/** Runs nx, shows the command and what the tasks say, and gives back the output. */
async function nx(...args) {
  say(`\n$ nx ${args.map((arg) => (/[ <>]/.test(arg) ? `"${arg}"` : arg)).join(' ')}`);
  const { output } = await workspace.mustNx(args);
  if (!verbose) for (const line of tasksSay(output)) say(`  ${line}`);
  return output;
}

async function affected(title) {
  const since = performance.now();
  const output = await nx('affected', '-t', 'deploy', '--base=HEAD~1', '--outputStyle=static');
  const tasks = new Map();
  for (const line of output.split('\n')) {
    const match = /^\s*[\u2714\u2716>]\s+nx run (\S+)(.*)$/.exec(line);
    if (match !== null) tasks.set(match[1], /cache/.test(match[2]) ? 'cache' : 'ran');
  }
  runs.push({ title, tasks, seconds: (performance.now() - since) / 1000 });
}

/** The lines of the tasks, without those of Nx about itself. */
function tasksSay(output) {
  return output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(
      (line) =>
        line !== '' &&
        !/^\s*(NX {2}|>  ?NX|Run duration|Cache:|Critical path|Recoverable|With additional|\u2014+|Nx read the output)/.test(
          line.trim(),
        ),
    );
}

async function setParam(name, value) {
  await workspace.edit('ml/flight-delay/model.config.json', (text) => {
    const changed = text.replace(new RegExp(`("${name}":\\s*)[0-9.]+`), `$1${value}`);
    say(`  ${name}: ${value}   (ml/flight-delay/model.config.json)`);
    return changed;
  });
}

async function askTheServer() {
  const args = ['run', 'flight-delay:serve', '--environment=staging', '--port=0'];
  say(`$ nx ${args.join(' ')}`);
  const server = spawn(process.execPath, [workspace.path('node_modules/nx/dist/bin/nx.js'), ...args], {
    cwd: workspace.folder,
    env: { ...process.env, ...workspace.env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const stop = () => process.kill(-server.pid, 'SIGTERM');
  process.once('exit', stop);
  try {
    const url = await readyUrl(server);
    const body = {
      inputs: Object.entries({
        hour: '18',
        weekday: 'Friday',
        distance: 733,
        origin: 'ORD',
        destination: 'LGA',
      }).map(([name, value]) => ({
        name,
        shape: [1, 1],
        datatype: typeof value === 'string' ? 'BYTES' : 'FP32',
        data: [value],
      })),
    };
    const response = await fetch(`${url}/v2/models/flight-delay/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`The server answered ${response.status}: ${JSON.stringify(answer)}`);
    say(`  POST ${url}/v2/models/flight-delay/infer   Chicago to New York, Friday at 18h`);
    say(
      `  version ${answer.model_version} says: late with probability ${answer.outputs[0].data[0].toFixed(3)}`,
    );
  } finally {
    process.off('exit', stop);
    const ended = new Promise((resolve) => server.once('close', resolve));
    stop();
    await ended;
  }
}

function readyUrl(server) {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      const url = /ready on (http:\/\/\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    server.once('close', (code) => reject(new Error(`The server ended with code ${code}:\n${output}`)));
  });
}

function printMetrics({ metrics, baseline, test }) {
  say(
    `\nMeasured on ${test.rows.toLocaleString('en')} flights of May and June, which the training never saw:\n`,
  );
  const show = (value) => (value === null || value === undefined ? '\u2013' : value.toFixed(4));
  say(`  ${'metric'.padEnd(12)}${'model'.padStart(10)}${'dummy'.padStart(10)}`);
  for (const [name, value] of Object.entries(metrics)) {
    say(`  ${name.padEnd(12)}${show(value).padStart(10)}${show(baseline.metrics[name]).padStart(10)}`);
  }
}

function printRuns() {
  const names = [...new Set(runs.flatMap(({ tasks }) => [...tasks.keys()]))];
  const width = Math.max(...names.map((name) => name.length)) + 2;
  say(`\n  ${'task'.padEnd(width)}${runs.map(({ title }) => title.padStart(16)).join('')}`);
  for (const name of names)
    say(
      `  ${name.padEnd(width)}${runs.map(({ tasks }) => (tasks.get(name) ?? '\u2013').padStart(16)).join('')}`,
    );
  say(`  ${'seconds'.padEnd(width)}${runs.map((item) => item.seconds.toFixed(1).padStart(16)).join('')}\n`);
  say('  gate and deploy always run: they are quick, and what serves already is left as it is.\n');
}
