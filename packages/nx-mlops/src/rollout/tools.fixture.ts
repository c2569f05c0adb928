import type { Evidence, Routing } from '@nx-mlops/core';
import type { RolloutTools } from './rollout-request';
import type { Desired, Target } from './targets/target';

/** Tools whose findings, clock and target a test sets and reads. */
export interface FakeTools extends Omit<RolloutTools, 'analyse'> {
  analyse: RolloutTools['analyse'];
  verification: Evidence;
  /** Taken one by one; the last one stays. */
  analyses: Evidence[];
  /** Versions that the target has loaded; undefined when it cannot be asked. */
  ready: readonly number[] | undefined;
  time: Date;
  /** What the target was told to serve, in order. */
  readonly applied: (Routing | undefined)[];
  /** Fails the next call of the target. */
  failNextApply: boolean;
}

export const passed: Evidence = { kind: 'verification', verdict: 'pass', summary: 'all files whole' };
export const analysis = (verdict: Evidence['verdict'], summary = `traffic says ${verdict}`): Evidence => ({
  kind: 'analysis',
  verdict,
  summary,
});

export function fakeTools(): FakeTools {
  const tools: FakeTools = {
    verification: passed,
    analyses: [analysis('pass')],
    ready: undefined,
    time: new Date(),
    applied: [],
    failNextApply: false,
    verify: () => Promise.resolve({ evidence: tools.verification }),
    analyse: () => {
      const evidence = tools.analyses.length > 1 ? tools.analyses.shift() : tools.analyses[0];
      return Promise.resolve({ evidence: evidence as Evidence, report: { checks: [] } });
    },
    targetOf: () => target,
    now: () => tools.time,
  };
  const apply = ({ routing }: Desired) => {
    if (tools.failNextApply) {
      tools.failNextApply = false;
      return Promise.reject(new Error('the target went away'));
    }
    tools.applied.push(routing);
    return Promise.resolve();
  };
  const target: Target = {
    description: 'a fake',
    plan: () => Promise.resolve([]),
    apply,
    rollback: apply,
    observe: () =>
      Promise.resolve({
        ...(tools.ready === undefined ? {} : { ready: tools.ready }),
        summary: `loaded: ${tools.ready?.join(', ') ?? 'not asked'}`,
      }),
  };
  return tools;
}
