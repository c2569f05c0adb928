import { run } from '../workspace/run.mjs';
import { measureTree } from './measure-tree.mjs';

/**
 * Runs an async function's module in a process of its own and gives back what it returned with its peak memory.
 *
 * @param {string} module absolute path of a module whose default export is `(input) => Promise<object>`
 * @param {object} input JSON
 * @param {{ tree?: boolean }} [options] with `tree` the peak is that of the process and all below it together
 * @returns {Promise<object & { seconds: number, peakMegabytes: number }>} seconds are those inside the process
 */
export async function inProcess(module, input, { tree = false } = {}) {
  const code = `
    import(process.argv[1]).then(async ({ default: work }) => {
      const input = JSON.parse(process.argv[2]);
      const start = performance.now();
      const result = await work(input);
      const seconds = (performance.now() - start) / 1000;
      const peakMegabytes = process.resourceUsage().maxRSS / 1024;
      process.stdout.write('\\n' + JSON.stringify({ seconds, peakMegabytes, ...result }) + '\\n');
    });`;
  const args = ['--expose-gc', '-e', code, module, JSON.stringify(input)];
  if (tree) {
    const { output, peakMegabytes } = await measureTree(process.execPath, args);
    const result = lastLine(output);
    return { ...result, peakMegabytes: Math.max(peakMegabytes, result.peakMegabytes) };
  }
  const { code: exit, output } = await run(process.execPath, args);
  if (exit !== 0) throw new Error(`${module} ended with code ${exit}:\n${output}`);
  return lastLine(output);
}

function lastLine(output) {
  return JSON.parse(output.trimEnd().split('\n').at(-1));
}

/** Calls measurements in turn, A B A B …, so that a drift of the machine's speed meets all; gives the medians. */
export async function sideBySide(rounds, ...measurements) {
  const results = measurements.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, measure] of measurements.entries()) results[index].push(await measure());
  }
  return results.map(medianBySeconds);
}

export function medianBySeconds(results) {
  return [...results].sort((x, y) => x.seconds - y.seconds)[Math.floor(results.length / 2)];
}
