import { examine, workspaceWith } from '../examine.fixture';
import { npmrcCheck } from './npmrc';
import { onnxRuntimeCheck } from './onnx-runtime';

jest.setTimeout(60_000);

it('loads the one that our runtime has', async () => {
  expect(await examine(onnxRuntimeCheck())).toEqual([
    expect.stringMatching(/^ok ONNX Runtime: \d+\.\d+\.\d+ loads$/),
  ]);
});

it.each([
  ['is not there', undefined, /exit code 1; Error: Cannot find module 'onnxruntime-node'/],
  [
    'throws',
    'throw new Error("libonnxruntime.so.1: cannot open")',
    /exit code 1; Error: libonnxruntime\.so\.1/,
  ],
  ['crashes', 'process.kill(process.pid, "SIGSEGV"); for (;;);', /the process crashed \(SIGSEGV\)/],
])('is a problem where it %s', async (_, source, found) => {
  const name = 'node_modules/onnxruntime-node';
  const folder = workspaceWith(source === undefined ? {} : { [`${name}/index.js`]: source });
  const [line] = await examine(onnxRuntimeCheck(() => folder));
  expect(line).toMatch(/^problem ONNX Runtime: does not load on .* -> .*ONNXRUNTIME_NODE_INSTALL=skip/);
  expect(line).toMatch(found);
});

it('is given up where it hangs', async () => {
  const folder = workspaceWith({ 'node_modules/onnxruntime-node/index.js': 'for (;;);' });
  expect(
    await examine(
      onnxRuntimeCheck(() => folder),
      { timeout: 500 },
    ),
  ).toEqual([expect.stringMatching(/^problem ONNX Runtime: no answer within 0\.5 s/)]);
});

it.each<[string, string | undefined, NodeJS.ProcessEnv, RegExp]>([
  [
    'linux-x64',
    'a=b\r\nonnxruntime-node-install = skip\r\n',
    {},
    /^ok \.npmrc: onnxruntime-node-install = skip$/,
  ],
  [
    'linux-x64',
    undefined,
    { ONNXRUNTIME_NODE_INSTALL: 'skip' },
    /^ok .npmrc: ONNXRUNTIME_NODE_INSTALL is set/,
  ],
  [
    'linux-x64',
    '# onnxruntime-node-install=skip\n',
    {},
    /^warning .* -> echo "onnxruntime-node-install=skip" >> \.npmrc$/,
  ],
  ['linux-x64', undefined, {}, /^warning /],
  ['darwin-arm64', undefined, {}, /^skipped /],
])('.npmrc on %s: %j', async (system, text, env, line) => {
  const files = text === undefined ? {} : { '.npmrc': text };
  expect(await examine(npmrcCheck(system), { files, env })).toEqual([expect.stringMatching(line)]);
});
