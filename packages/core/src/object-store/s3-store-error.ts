import { messageOf, MlopsError } from '../errors/mlops-error';

/** What an error of the AWS SDK or of the network below it says, as far as we act on it. */
export interface S3Failure {
  /** Name of the S3 error or code of Node, such as `NoSuchBucket` or `ECONNREFUSED`. */
  readonly name: string;
  /** Of the HTTP response, where there was one. */
  readonly status: number | undefined;
}

export function s3FailureOf(error: unknown): S3Failure {
  const { name, code, Code, $metadata } = error as {
    name?: string;
    code?: string;
    Code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  // An error of Node is named "Error" and says what it is by its code; one of S3 the other way round.
  const given = Code ?? code ?? name ?? 'Error';
  // The SDK may wrap an error of the network in one of its own, with the code in its words alone.
  const inWords = given === 'Error' ? /\bE[A-Z]{4,}\b/.exec(messageOf(error))?.[0] : undefined;
  return { name: inWords ?? given, status: $metadata?.httpStatusCode };
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const deniedNames = new Set([
  'CredentialsProviderError',
  'AccessDenied',
  'Forbidden',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'TokenProviderError',
]);

/**
 * A failure of S3 that a person can mend. An `MlopsError` passes unchanged.
 *
 * @param description of the store, such as `s3://bucket/prefix`
 * @param endpoint where it is asked, when it is not AWS itself
 * @param configKey of mlops.json, that names the store
 */
export function s3StoreError(
  error: unknown,
  description: string,
  endpoint: string | undefined,
  configKey = 'remote',
): MlopsError {
  if (error instanceof MlopsError) return error;
  const { name, status } = s3FailureOf(error);
  const at = endpoint === undefined ? '' : ` at ${endpoint}`;
  const failure = (code: MlopsError['code'], what: string) =>
    new MlopsError(code, what, { file: description }, { cause: error });
  if (name === 'CredentialsProviderError' || /credential/i.test(name)) {
    return failure(
      'MLOPS_REMOTE_DENIED',
      `no credentials for S3 were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE with a profile that is logged in; in CI give the job a role.`,
    );
  }
  if (deniedNames.has(name) || status === 401 || status === 403) {
    return failure(
      'MLOPS_REMOTE_DENIED',
      `S3${at} refuses these credentials (${name}). Check that they have not expired, that they are those of this store, and that they may list, read and write below this prefix.`,
    );
  }
  if (name === 'NoSuchBucket') {
    return failure(
      'MLOPS_REMOTE_NOT_FOUND',
      `there is no such bucket${at}. Make it, or mend "${configKey}" in mlops.json (bucket, endpoint, region).`,
    );
  }
  if (networkCodes.has(name)) {
    return failure(
      'MLOPS_REMOTE_UNREACHABLE',
      `S3${at} does not answer (${name}). Check the network${endpoint === undefined ? '' : ' and the endpoint (in mlops.json or AWS_ENDPOINT_URL_S3)'} and run the command again; what was transferred is kept.`,
    );
  }
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || status === 301) {
    return failure(
      'MLOPS_REMOTE_FAILED',
      `the bucket is in another region (${messageOf(error)}). Say which by "region" of the ${configKey} in mlops.json or AWS_REGION.`,
    );
  }
  if (status === 507) {
    return failure(
      'MLOPS_REMOTE_FAILED',
      `no space is left in the store${at} (${messageOf(error)}). Nothing half-written was kept; make room or raise the quota, and run the command again.`,
    );
  }
  if (name === 'NotImplemented' || status === 501) {
    return failure(
      'MLOPS_REMOTE_FAILED',
      `S3${at} does not know a request that is needed (${messageOf(error)}): conditional writes (If-None-Match, If-Match), multipart uploads and ranges. Take a store that has them.`,
    );
  }
  return failure(
    'MLOPS_REMOTE_FAILED',
    `S3${at} answered ${[status, name].filter((part) => part !== undefined).join(' ')}: ${messageOf(error)}. Run the command again; what was transferred is kept.`,
  );
}
