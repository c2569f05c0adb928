import fc from 'fast-check';
import type { NewRegistryEvent, RegistryEvent } from './event';
import { chainEvent } from './event-log';
import type { RolloutPlan } from './rollout/plan';

const digestOf = (version: number) => String(version).repeat(64);
const enough = { requests: 10, seconds: 0 };

/** One step of each kind. */
export const longPlan: RolloutPlan = {
  strategy: 'canary',
  steps: [
    { kind: 'approval', count: 1, others: false },
    { kind: 'verify' },
    { kind: 'shadow', share: 100, ...enough },
    { kind: 'weight', weight: 5, ...enough },
    { kind: 'approval', count: 2, others: true },
    { kind: 'switch' },
    { kind: 'soak', seconds: 60 },
  ],
  then: 'promote',
  deadline: 86_400,
};

type Draft = (made: readonly RegistryEvent[]) => NewRegistryEvent;

const version = fc.integer({ min: 1, max: 5 });
const environment = fc.constantFrom('staging', 'production');
const evidence = fc.record({
  kind: fc.constantFrom('verification' as const, 'analysis' as const),
  verdict: fc.constantFrom('pass' as const, 'fail' as const, 'inconclusive' as const),
  summary: fc.string(),
});
const common = fc.record(
  { actor: fc.constantFrom('ada', 'bob'), reason: fc.string({ minLength: 1 }) },
  { requiredKeys: ['actor'] },
);

/** Events on rollouts are mostly of the last one that began, also in the wrong environment and after its end. */
const draft: fc.Arbitrary<Draft> = fc
  .tuple(
    fc.integer({ min: 0, max: 12 }),
    version,
    version,
    environment,
    evidence,
    common,
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
  )
  .map(([type, one, other, place, proof, who, step, back, yes]) => (made) => {
    const at = new Date(Date.UTC(2026, 10, 1, 12, 0, made.length)).toISOString();
    const base = { at, ...who };
    const candidate = { version: one, digest: digestOf(one) };
    const started = made.filter((event) => event.type === 'rollout-started').at(-back);
    const of = { environment: started?.environment ?? place, rollout: started?.rollout ?? 'none' };
    const kinds: NewRegistryEvent[] = [
      { ...base, type: 'registered', ...candidate },
      { ...base, type: 'deployed', environment: place, ...candidate },
      { ...base, type: 'promoted', from: 'staging', environment: place, ...candidate },
      { ...base, type: 'rolled-back', environment: place, ...candidate, blocked: digestOf(other) },
      { ...base, type: 'released', environment: place, digest: digestOf(other) },
      {
        ...base,
        type: 'rollout-started',
        environment: place,
        rollout: `${place}-${made.length + 1}`,
        ...candidate,
        ...(yes ? { champion: { version: other, digest: digestOf(other) } } : {}),
        plan: longPlan,
      },
      { ...base, type: 'rollout-approved', ...of, step },
      { ...base, type: 'rollout-held', ...of, step, evidence: proof },
      { ...base, type: 'rollout-advanced', ...of, step, evidence: proof },
      { ...base, type: 'rollout-completed', ...of, ...candidate, evidence: proof },
      { ...base, type: 'rollout-observed', ...of, evidence: proof },
      {
        ...base,
        type: 'rollout-aborted',
        ...of,
        ...candidate,
        cause: 'analysis',
        quarantined: yes,
        ...(yes ? { evidence: proof } : {}),
      },
      { ...base, type: 'pruned', ...candidate },
    ];
    return kinds[type] as NewRegistryEvent;
  });

/** Whole logs of any events in any order, most of which no command would record. */
export const randomLog: fc.Arbitrary<RegistryEvent[]> = fc
  .array(draft, { maxLength: 40, size: 'max' })
  .map((drafts) =>
    drafts.reduce<RegistryEvent[]>((made, next) => [...made, chainEvent(made.at(-1), next(made))], []),
  );
