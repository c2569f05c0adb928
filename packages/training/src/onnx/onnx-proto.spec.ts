import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';

describe('onnx-proto.json', () => {
  test('is what pbjs makes of onnx-proto.proto', () => {
    const file = join(dirSync({ unsafeCleanup: true }).name, 'generated.json');
    const pbjs = require.resolve('protobufjs-cli/bin/pbjs');
    execFileSync(process.execPath, [pbjs, '-t', 'json', '-o', file, join(__dirname, 'onnx-proto.proto')]);
    const committed: unknown = JSON.parse(readFileSync(join(__dirname, 'onnx-proto.json'), 'utf8'));
    expect(committed).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });
});
