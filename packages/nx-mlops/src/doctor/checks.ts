import { ciVariablesCheck } from './checks/ci-variables';
import { configsCheck } from './checks/configs';
import { diskSpaceCheck } from './checks/disk-space';
import { gitCheck } from './checks/git';
import { ignoredFilesCheck } from './checks/ignored-files';
import { mlopsConfigCheck } from './checks/mlops-config';
import { nodeCheck } from './checks/node';
import { npmrcCheck } from './checks/npmrc';
import { nxCacheCheck } from './checks/nx-cache';
import { nxCheck } from './checks/nx-version';
import { onnxRuntimeCheck } from './checks/onnx-runtime';
import { packagesCheck } from './checks/packages';
import { registryCheck } from './checks/registry';
import { remoteCheck } from './checks/remote';
import { s3Check } from './checks/s3';
import { scriptsCheck } from './checks/scripts';
import { signingCheck } from './checks/signing';
import { targetServersCheck } from './checks/target-servers';
import { trafficCheck } from './checks/traffic';
import type { Check } from './surroundings';

/** All of them, in the order of their rows. */
export const checks: readonly Check[] = [
  nodeCheck,
  nxCheck,
  packagesCheck,
  onnxRuntimeCheck(),
  npmrcCheck(),
  mlopsConfigCheck,
  configsCheck,
  scriptsCheck,
  signingCheck,
  registryCheck,
  remoteCheck,
  s3Check,
  trafficCheck,
  targetServersCheck,
  gitCheck,
  ciVariablesCheck,
  nxCacheCheck,
  ignoredFilesCheck,
  diskSpaceCheck(),
];
