import { spawnSync } from 'node:child_process';

/**
 * Why a harness cannot run here, for a suite that is then skipped. Synchronous, since Jest must know its tests before any
 * of them runs.
 *
 * @param {'gitlab' | 'jenkins' | 'actionlint'} harness
 * @returns {string | undefined} undefined when all its programs are on the PATH
 */
export function reasonAgainst(harness) {
  const programs = { gitlab: ['rsync', 'bash', 'git'], jenkins: ['java', 'mvn'], actionlint: ['go'] }[
    harness
  ];
  const missing = programs.filter((program) => !isOnPath(program));
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not found on the PATH`;
}

function isOnPath(program) {
  const finder = process.platform === 'win32' ? 'where' : 'which';
  return spawnSync(finder, [program], { stdio: 'ignore' }).status === 0;
}
