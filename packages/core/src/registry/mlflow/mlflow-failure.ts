import { MlopsError } from '../../errors/mlops-error';

/** What a server answered that is no success. */
export interface MlflowAnswer {
  readonly status: number;
  /** MLflow's own, such as `RESOURCE_DOES_NOT_EXIST`; undefined when the body is not one of MLflow's. */
  readonly errorCode: string | undefined;
  /** MLflow's words, or the beginning of the body. */
  readonly message: string;
}

const WITHOUT_PROXY = /--(no-)?serve-artifacts/;

/** Whether the same request may have another answer soon. */
export function isPassing({ status, message }: MlflowAnswer): boolean {
  return (status === 429 || status >= 500) && status !== 501 && !WITHOUT_PROXY.test(message);
}

/** An answer as a failure that a person can mend. @param server its address, named in the error */
export function mlflowFailure(answer: MlflowAnswer, server: string): MlopsError {
  const { status, errorCode, message } = answer;
  const failure = (code: MlopsError['code'], what: string) => new MlopsError(code, what, { file: server });
  if (status === 401 || status === 403) {
    return failure(
      'MLOPS_MLFLOW_DENIED',
      `MLflow refuses these credentials (${status}: ${message}). Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to those of a user who may read, and for deployments also write, experiments, artifacts and registered models.`,
    );
  }
  if (WITHOUT_PROXY.test(message)) return withoutProxy(server, message);
  if (errorCode === undefined && status === 404) {
    return failure(
      'MLOPS_MLFLOW_UNFIT',
      `there is no such request at this address (${message}). Check that "registry" in mlops.json names a tracking server of MLflow 2.3 or newer, with the path below which it lies if there is one.`,
    );
  }
  return failure(
    'MLOPS_MLFLOW_FAILED',
    `MLflow answered ${status}${errorCode === undefined ? '' : ` ${errorCode}`}: ${message}. Look at the log of the server, and run the command again.`,
  );
}

/** That files of versions cannot be given to the server. @param why such as what it said */
export function withoutProxy(server: string, why: string): MlopsError {
  return new MlopsError(
    'MLOPS_MLFLOW_UNFIT',
    `this server does not take files (${why}). Start it with --serve-artifacts and --artifacts-destination, so that files of versions go through it.`,
    { file: server },
  );
}

/** That the server gave no answer at all. @param why of Node or the network */
export function mlflowUnreachable(server: string, why: string, cause: unknown): MlopsError {
  return new MlopsError(
    'MLOPS_MLFLOW_UNREACHABLE',
    `MLflow does not answer (${why}). Check that the server runs, the network, and the address in "registry" of mlops.json; then run the command again.`,
    { file: server },
    { cause },
  );
}
