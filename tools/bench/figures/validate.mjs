import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { flightsFile } from '../../quickstart/flights.mjs';
import { createWorkspace } from '../../workspace/create-workspace.mjs';
import { repository } from '../../workspace/tarballs.mjs';
import { medianBySeconds } from '../measure.mjs';
import { measureTree } from '../measure-tree.mjs';
import { pythonPeer } from '../python-peer.mjs';
import { stageProcess } from '../stage-process.mjs';

const versions = { pandera: '0.35.0', 'great-expectations': '1.24.1', evidently: '0.7.23' };
const frames = ['pandas==2.3.3', 'pyarrow==26.0.1'];

/** A peer that takes longer than this runs once. */
const ONE_ROUND_SECONDS = 60;
/** And is stopped when it takes longer than this. */
const MOST_SECONDS = 240;
const cases = join(repository, 'tools/bench/cases');

/** As the quickstart's, with every row of the file in one of the two splits. */
function config(sample) {
  return {
    sources: { flights: { path: '../../data/flights.parquet' } },
    prepare: { sql: 'prepare.sql' },
    splits: { train: { where: 'month <= 4' }, test: { where: 'month >= 5' } },
    schema: {
      fields: [
        { name: 'month', type: 'integer', constraints: { required: true }, ml: { role: 'ignore' } },
        { name: 'hour', type: 'string', constraints: { required: true } },
        { name: 'weekday', type: 'string', constraints: { required: true } },
        { name: 'distance', type: 'integer', constraints: { required: true, minimum: 1, maximum: 10_000 } },
        ...['origin', 'destination'].map((name) => ({
          name,
          type: 'string',
          constraints: { required: true, pattern: '[A-Z]{3}' },
        })),
        { name: 'late', type: 'boolean', constraints: { required: true }, ml: { role: 'label' } },
      ],
    },
    validation: { minRows: sample === 1 ? 1000 : 1 },
  };
}

export async function validateFigures({ small }) {
  const workspace = await createWorkspace(join(repository, 'tmp/bench/validate'), { daemon: false });
  await workspace.mustNx(['g', 'nx-mlops:init']);
  await mkdir(workspace.path('data'), { recursive: true });
  await workspace.edit('.gitignore', (text) => `${text}/data/\n`);
  await measureTree('cp', [flightsFile, workspace.path('data/flights.parquet')]);
  const sample = small ? 20 : 1;
  const sql = `SELECT CAST(month(date) AS INTEGER) AS month, strftime(date, '%H') AS hour, dayname(date) AS weekday, CAST(distance AS INTEGER) AS distance, origin, destination, delay > 15 AS late FROM flights WHERE delay IS NOT NULL AND hash(date, origin, destination) % ${sample} = 0\n`;
  await workspace.write('ml/flights/prepare.sql', sql);
  await workspace.write('ml/flights/dataset.config.json', JSON.stringify(config(sample)));
  for (const target of ['lock', 'prepare']) await workspace.mustNx(['run', `flights:${target}`]);
  const manifest = await workspace.readJson('ml/flights/.mlops/prepared/dataset.manifest.json');
  const files = ['train', 'test'].map((split) => {
    const { sha256 } = manifest.splits[split].file;
    return workspace.path('.mlops/store/sha256', sha256.slice(0, 2), sha256);
  });
  const rows = Object.values(manifest.splits).reduce((sum, split) => sum + split.rows, 0);

  const ours = () =>
    stageProcess({ stage: 'validate', workspaceRoot: workspace.folder, name: 'flights', root: 'ml/flights' });
  const peers = await pythonPeers(files);
  const rounds = small ? 1 : 3;
  const mine = [];
  const theirs = peers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    mine.push(await ours());
    for (const [index, peer] of peers.entries()) {
      const slow = theirs[index].some(({ seconds = Infinity }) => seconds > ONE_ROUND_SECONDS);
      if (slow) continue;
      const result = await peer.run();
      console.log(`  ${peer.name}: ${result.missing ?? `${result.seconds.toFixed(2)} s`}`);
      theirs[index].push(result);
    }
  }
  const own = medianBySeconds(mine);
  const measured = peers.map(({ name }, index) => {
    const missing = theirs[index].find((result) => result.missing !== undefined);
    return missing === undefined ? { name, ...medianBySeconds(theirs[index]) } : { name, ...missing };
  });
  const known = measured.filter(({ seconds }) => seconds !== undefined);
  const fastest =
    known.length === 0
      ? undefined
      : medianBySeconds([known.reduce((a, b) => (a.seconds < b.seconds ? a : b))]);
  return {
    title: `Validate: ${rows.toLocaleString('en')} flights in two splits, the whole default suite`,
    about: about(own),
    rows: [
      ...measured.map((peer) => ({
        figure: `time beside ${peer.name}`,
        ours: `${own.seconds.toFixed(2)} s`,
        beside: peer.missing ?? `${peer.seconds.toFixed(2)} s`,
        ratio: peer.missing === undefined ? `${(peer.seconds / own.seconds).toFixed(1)} × faster` : '–',
        aim: peer.name === fastest?.name ? 'at least 5 × faster than the fastest' : 'shown',
        met: peer.name !== fastest?.name || peer.seconds >= 5 * own.seconds,
      })),
      {
        figure: 'peak memory',
        ours: `${own.peakMegabytes.toFixed(0)} MB`,
        beside:
          known.map(({ name, peakMegabytes }) => `${name} ${peakMegabytes.toFixed(0)} MB`).join('; ') || '–',
        ratio:
          fastest === undefined
            ? '–'
            : `${(own.peakMegabytes / fastest.peakMegabytes).toFixed(2)} × the fastest's`,
        aim: 'under 1 GB',
        met: own.peakMegabytes < 1024,
      },
    ],
  };
}

function about({ checks, inside }) {
  return [
    `Each is a process from start to exit on ${cpus().length} cores, reading the same two Parquet files; the stage alone takes ${inside.toFixed(2)} s of ours. A peer that takes over ${ONE_ROUND_SECONDS} s runs once, and is stopped after ${MOST_SECONDS} s.`,
    `Ours: all ${checks} checks of the default suite and a schema (columns, types, missing values, bounds, patterns, rows, constant and duplicate columns, duplicate rows, overlap of the splits, range, categories, missing share and skew against train, label leakage, time order where there is a time), example rows, profiles of every column, and the reports.`,
    `pandera ${versions.pandera}, on pandas and on polars: columns, types, missing values, bounds, patterns, rows, constant columns, duplicate rows, overlap by row hash, range and categories against train; no duplicate columns, skew, leakage or profiles.`,
    `Great Expectations ${versions['great-expectations']} on pandas: the same without overlap, with skew of the text columns by KL divergence.`,
    `Evidently ${versions.evidently}: its data summary of test beside train with the tests that it makes of it, alone and with its data drift by Jensen-Shannon distance; no schema, duplicates across splits or leakage.`,
  ].join(' ');
}

/** Peers whose packages could not be had answer with the reason. */
async function pythonPeers(files) {
  const framed = await pythonPeer('frames', [
    `great-expectations==${versions['great-expectations']}`,
    `pandera[pandas,polars]==${versions.pandera}`,
    'polars==2.1.0',
    ...frames,
  ]);
  const evidently = await pythonPeer('evidently', [`evidently==${versions.evidently}`, ...frames]);
  const peer = (name, { bin, missing }, script, before = [], after = []) => ({
    name,
    run: async () => {
      if (missing !== undefined) return { missing: `not installed: ${missing}` };
      try {
        return await measureTree(join(bin, 'python'), [join(cases, script), ...before, ...files, ...after], {
          timeout: MOST_SECONDS * 1000,
          // No telemetry: what is timed is the work.
          env: { GX_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1' },
        });
      } catch (error) {
        if (/with code null/.test(error.message)) return { missing: `not done after ${MOST_SECONDS} s` };
        return { missing: `did not run: ${error.message.trim().split('\n').at(-1).slice(0, 160)}` };
      }
    },
  });
  return [
    peer('pandera on polars', framed, 'validate-pandera.py', ['polars']),
    peer('pandera on pandas', framed, 'validate-pandera.py', ['pandas']),
    peer('Great Expectations', framed, 'validate-great-expectations.py'),
    peer("Evidently's data summary", evidently, 'validate-evidently.py'),
    peer("Evidently's data summary and drift", evidently, 'validate-evidently.py', [], ['drift']),
  ];
}
