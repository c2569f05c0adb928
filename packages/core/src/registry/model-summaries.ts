import type { RegistryDriver } from './driver';
import { verifyChain } from './event-log';
import { formatSnapshot, parseSnapshot, type Snapshot } from './snapshot';
import { emptySummary, summaryAfter, type ModelSummary } from './summary';

/**
 * Events between two snapshots. Measured on models of 1,000 events: summing one up takes 0.8 ms of processor time from a
 * fresh snapshot, 0.95 ms from one 16 events old, 1.2 ms from 32, 3.5 ms from 128, 85 ms without.
 */
export const SNAPSHOT_EVERY = 16;

/**
 * Sums up the logs of a registry, each from where it was summed up last: by this process, else by the snapshot beside the
 * log. A snapshot counts only if its checksum holds and the log still holds that event at that place; the events behind it
 * are verified against its hash. Else the whole log is read and verified.
 */
export class ModelSummaries {
  private readonly known = new Map<string, Snapshot>();

  constructor(private readonly driver: RegistryDriver) {}

  /** @throws MlopsError MLOPS_REGISTRY_TAMPERED when what was read of the history is not whole */
  async summaryOf(model: string): Promise<ModelSummary> {
    return (await this.read(model, this.known.get(model) ?? (await this.stored(model)))).summary;
  }

  /** Writes a snapshot of what the log comes to now. */
  async writeSnapshot(model: string): Promise<void> {
    await this.summaryOf(model);
    const snapshot = this.known.get(model);
    if (snapshot !== undefined) await this.driver.writeSnapshot(model, formatSnapshot(snapshot));
  }

  private async read(model: string, from: Snapshot | undefined): Promise<Pick<Snapshot, 'summary'>> {
    const where = `${this.driver.description}: events of ${model}`;
    const { events, end, continued } = await this.driver.readEvents(model, from?.position);
    const base = continued ? from : undefined;
    verifyChain(events, where, base?.position);
    const summary = summaryAfter(base?.summary ?? emptySummary(model), events);
    if (end === undefined) this.known.delete(model);
    else this.known.set(model, { schemaVersion: 1, position: { ...end }, summary });
    return { summary };
  }

  /** One that cannot be read is as good as none: the log tells all. */
  private async stored(model: string): Promise<Snapshot | undefined> {
    const text = await this.driver.readSnapshot(model).catch(() => undefined);
    return text === undefined ? undefined : parseSnapshot(text, model);
  }
}
