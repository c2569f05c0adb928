import type * as S3 from '@aws-sdk/client-s3';
import { MlopsError } from '../errors/mlops-error';
import type { S3Location } from './s3-location';

/** The SDK, loaded, and a client. */
export interface S3Connection {
  readonly sdk: typeof S3;
  readonly client: S3.S3Client;
  /** Undefined for AWS itself. */
  readonly endpoint?: string;
}

const CONNECTION_TIMEOUT_MS = 10_000;
/** Without a byte for so long, a connection is given up. */
const SOCKET_TIMEOUT_MS = 60_000;
const ATTEMPTS = 5;

/**
 * Loads the AWS SDK and makes a client; credentials are looked for as the AWS tools do, by the first request.
 *
 * @throws MlopsError MLOPS_S3_SDK_MISSING
 */
export async function s3Client(location: S3Location, environment: NodeJS.ProcessEnv): Promise<S3Connection> {
  const sdk = await loadSdk();
  const endpoint = location.endpoint ?? environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  const config: S3.S3ClientConfig = {
    ...(endpoint === undefined ? {} : { endpoint, ...lenientChecksums }),
    ...(location.region === undefined ? {} : { region: location.region }),
    forcePathStyle: location.forcePathStyle ?? endpoint !== undefined,
    followRegionRedirects: true,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
  };
  const client = withoutNodeWarning(environment, () => new sdk.S3Client(config));
  // The SDK looks for a region in the environment and in the profile, and has no default.
  const hasRegion = await client.config.region().then(
    (region) => region !== '',
    () => false,
  );
  return {
    sdk,
    endpoint,
    client: hasRegion ? client : new sdk.S3Client({ ...config, region: 'us-east-1' }),
  };
}

/** The SDK's own switch, read when the first client of a process is made. */
const NODE_WARNING_DISABLED = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * Makes the client without the SDK's notice that versions of it yet to come will need a newer Node: each task is a process
 * and would print it, and which SDK is installed is up to the user. Whoever sets the switch gets what they set.
 */
function withoutNodeWarning<Client>(environment: NodeJS.ProcessEnv, make: () => Client): Client {
  if (environment[NODE_WARNING_DISABLED] !== undefined || process.env[NODE_WARNING_DISABLED] !== undefined)
    return make();
  process.env[NODE_WARNING_DISABLED] = 'true';
  try {
    return make();
  } finally {
    // Not left for the processes that this one starts.
    delete process.env[NODE_WARNING_DISABLED];
  }
}

/** Many stores that speak S3 know neither these checksums nor their trailers; our own digests are checked anyway. */
const lenientChecksums = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

async function loadSdk(): Promise<typeof S3> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new MlopsError(
      'MLOPS_S3_SDK_MISSING',
      'An address that begins with s3:// needs the AWS SDK, which is not installed: npm install --save-dev @aws-sdk/client-s3',
      {},
      { cause: error },
    );
  }
}
