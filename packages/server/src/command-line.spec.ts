import { parseCommandLine } from './command-line';

const least = ['--registry', 'file:.mlops/registry', '--environment', 'staging'];

describe('parseCommandLine', () => {
  it('fills in what is left out', () => {
    expect(parseCommandLine(least)).toEqual({
      registry: { url: 'file:.mlops/registry' },
      environment: 'staging',
      models: undefined,
      host: '127.0.0.1',
      port: 8080,
    });
  });

  it('takes what finds the server of a registry in S3', () => {
    const s3 = ['--registry', 's3://models/team', '--environment', 'staging'];
    const found = ['--registry-endpoint', 'https://s3.example.org', '--registry-region=here'];
    expect(parseCommandLine([...s3, ...found, '--registry-path-style', 'no'])).toMatchObject({
      registry: {
        url: 's3://models/team',
        endpoint: 'https://s3.example.org',
        region: 'here',
        forcePathStyle: false,
      },
    });
    expect(parseCommandLine([...s3, '--registry-path-style=yes'])).toMatchObject({
      registry: { forcePathStyle: true },
    });
  });

  it('takes project names for models, and flags with =', () => {
    expect(
      parseCommandLine([...least, '--models=@acme/churn, fraud', '--port=0', '--host', '::1']),
    ).toMatchObject({
      models: ['acme-churn', 'fraud'],
      port: 0,
      host: '::1',
    });
  });

  it('takes what rollouts need', () => {
    expect(parseCommandLine([...least, '--subject-header', 'X-Account', '--keep-previous=0'])).toMatchObject({
      subjectHeader: 'X-Account',
      keepPrevious: 0,
    });
  });

  it('takes the keys whose signatures count', () => {
    expect(parseCommandLine([...least, '--public-keys', 'keys/a.pem, keys/b.pem'])).toMatchObject({
      publicKeys: ['keys/a.pem', 'keys/b.pem'],
    });
  });

  it.each([[['--help']], [['-h']], [[...least, '--help']]])('gives help for %j', (args) => {
    expect(parseCommandLine(args)).toBe('help');
  });

  it.each<[readonly string[], string]>([
    [[], '--registry is missing.'],
    [['--registry', 'file:x'], '--environment is missing.'],
    [[...least, '--prot', '1'], 'There is no flag --prot. Did you mean "--port"?'],
    [['--registry', '--environment', 'staging'], '--registry needs a value.'],
    [['--environment', 'staging', '--registry'], '--registry needs a value.'],
    [['--registry=', '--environment', 'staging'], '--registry needs a value.'],
    [[...least, '--models', ' , '], '--models names no model.'],
    [[...least, '--registry-path-style', 'true'], '--registry-path-style must be "yes" or "no", not "true".'],
    [[...least, 'churn'], '"churn" belongs to no flag.'],
    [[...least, '--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536".'],
    [[...least, '--port', '80a'], '--port must be a whole number from 0 to 65535, not "80a".'],
    [[...least, '--subject-header', 'x account'], '--subject-header must be the name of an HTTP header'],
    [[...least, '--keep-previous', '-1'], '--keep-previous must be a whole number from 0 to 999, not "-1".'],
    [[...least, '--public-keys', ','], '--public-keys names no file.'],
    [['--registry', 'file:x', '--environment', '../staging'], '--environment must be a name of letters'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(
      expect.objectContaining({ code: 'MLOPS_SERVER_ARGUMENTS', message: expect.stringContaining(message) }),
    );
  });
});
