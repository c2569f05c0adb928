import { scopeKinds, type ScopeKind } from './scope';

/** Why an entry was not taken in. */
export type Refusal = 'read-only' | 'too-big' | 'busy' | 'storage';

const help = {
  hits: ['nx_mlops_cache_hits_total', 'Entries served, by the scope they lay in.'],
  misses: ['nx_mlops_cache_misses_total', 'Entries that were not there, by the scope that asked.'],
  writes: ['nx_mlops_cache_writes_total', 'Entries taken in.'],
  conflicts: [
    'nx_mlops_cache_conflicts_total',
    'Uploads of what was there already; nothing was overwritten.',
  ],
  evictions: ['nx_mlops_cache_evictions_total', 'Entries removed to keep to the limit.'],
  bytesReceived: ['nx_mlops_cache_received_bytes_total', 'Bytes of entries taken in.'],
  bytesSent: ['nx_mlops_cache_sent_bytes_total', 'Bytes of entries served whole.'],
  bytesEvicted: ['nx_mlops_cache_evicted_bytes_total', 'Bytes of entries removed to keep to the limit.'],
} as const;

export type CountedByScope = keyof typeof help;

/** What has happened since the server started, by kind of scope. */
export class Figures {
  private readonly counts = new Map<string, number>();

  add(figure: CountedByScope, kind: ScopeKind, count = 1): void {
    this.increase(`${help[figure][0]}{scope="${kind}"}`, count);
  }

  refuse(reason: Refusal, kind: ScopeKind): void {
    this.increase(`nx_mlops_cache_refusals_total{scope="${kind}",reason="${reason}"}`, 1);
  }

  /** A request without a token that may do anything. */
  unauthorized(): void {
    this.increase('nx_mlops_cache_unauthorized_total', 1);
  }

  /** An upload or a download that broke off. */
  brokeOff(direction: 'upload' | 'download'): void {
    this.increase(`nx_mlops_cache_broken_off_total{direction="${direction}"}`, 1);
  }

  storageFailed(): void {
    this.increase('nx_mlops_cache_storage_errors_total', 1);
  }

  /** Text of Prometheus, version 0.0.4. @param stored what lies there now */
  text(stored: (kind: ScopeKind) => { readonly count: number; readonly bytes: number }): string {
    const lines: string[] = [];
    const metric = (name: string, type: 'counter' | 'gauge', what: string, samples: readonly string[]) =>
      lines.push(`# HELP ${name} ${what}`, `# TYPE ${name} ${type}`, ...samples);
    const counted = (name: string) =>
      [...this.counts].filter(([key]) => key === name || key.startsWith(`${name}{`));
    for (const [name, what] of Object.values(help)) {
      // From the start at 0, so that a rate sees the first.
      const samples = scopeKinds.map((kind) => {
        const key = `${name}{scope="${kind}"}`;
        return `${key} ${this.counts.get(key) ?? 0}`;
      });
      metric(name, 'counter', what, samples);
    }
    for (const [name, what] of [
      ['nx_mlops_cache_refusals_total', 'Uploads that were not taken in.'],
      ['nx_mlops_cache_unauthorized_total', 'Requests whose token is none of the tokens.'],
      ['nx_mlops_cache_broken_off_total', 'Transfers that broke off.'],
      ['nx_mlops_cache_storage_errors_total', 'Failures of the store behind.'],
    ] as const) {
      metric(
        name,
        'counter',
        what,
        counted(name).map(([key, count]) => `${key} ${count}`),
      );
    }
    const gauge = (name: string, what: string, of: 'count' | 'bytes') =>
      metric(
        name,
        'gauge',
        what,
        scopeKinds.map((kind) => `${name}{scope="${kind}"} ${stored(kind)[of]}`),
      );
    gauge('nx_mlops_cache_entries', 'Entries stored.', 'count');
    gauge('nx_mlops_cache_stored_bytes', 'Bytes stored.', 'bytes');
    return `${lines.join('\n')}\n`;
  }

  private increase(key: string, count: number): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }
}
