import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import tmp from 'tmp';
import { csvDialect, csvDialectOfFile } from './csv-dialect';

tmp.setGracefulCleanup();

describe('csvDialect', () => {
  it.each([
    ['a,b,c\n1;2;3;4;5\n', { delimiter: ',', columns: 3 }],
    ['a;b\n1,5;2,5\n', { delimiter: ';', columns: 2 }],
    ['a\tb\tc', { delimiter: '\t', columns: 3 }],
    ['a|b\r\n', { delimiter: '|', columns: 2 }],
    ['alone\n1\n', { delimiter: ',', columns: 1 }],
    ['"a;b;c;d",e\n', { delimiter: ',', columns: 2 }],
    ['"a\nb",c\n1,2\n', { delimiter: ',', columns: 2 }],
    ['"say ""a;b;c""",e', { delimiter: ',', columns: 2 }],
    ['\uFEFF"a",b\n', { delimiter: ',', columns: 2 }],
    ['', { delimiter: ',', columns: 1 }],
  ])('tells %j from its header', (text, dialect) => {
    expect(csvDialect(text)).toEqual(dialect);
  });

  it('reads a header that is longer than one chunk, and a gzipped one', async () => {
    const folder = tmp.dirSync({ unsafeCleanup: true }).name;
    const names = Array.from({ length: 20_000 }, (_, index) => `column ${index}`);
    const text = `${names.join(';')}\n1\n`;
    writeFileSync(join(folder, 'wide.csv'), text);
    writeFileSync(join(folder, 'wide.csv.gz'), gzipSync(text));
    const dialect = { delimiter: ';', columns: names.length };
    expect(await csvDialectOfFile(join(folder, 'wide.csv'))).toEqual(dialect);
    expect(await csvDialectOfFile(join(folder, 'wide.csv.gz'))).toEqual(dialect);
  });

  it('fails on a file that is not there rather than waiting for it', async () => {
    await expect(csvDialectOfFile(join(tmpdir(), 'none.csv.gz'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

function tmpdir(): string {
  return tmp.dirSync({ unsafeCleanup: true }).name;
}
