/** Means of several figures over batches of unlike size. */
export class WeightedMeans {
  private sums: Record<string, number> = {};
  private weight = 0;

  /** @param weight rows that the figures are means of */
  add(figures: Readonly<Record<string, number>>, weight: number): void {
    for (const [name, value] of Object.entries(figures)) {
      this.sums[name] = (this.sums[name] ?? 0) + value * weight;
    }
    this.weight += weight;
  }

  /** The means since the last take; starts over. */
  take(): Record<string, number> {
    const means = Object.fromEntries(
      Object.entries(this.sums).map(([name, sum]) => [name, sum / this.weight]),
    );
    this.sums = {};
    this.weight = 0;
    return means;
  }

  /** What a checkpoint keeps. */
  get state(): { readonly sums: Record<string, number>; readonly weight: number } {
    return { sums: { ...this.sums }, weight: this.weight };
  }

  static from({ sums, weight }: WeightedMeans['state']): WeightedMeans {
    const means = new WeightedMeans();
    means.sums = { ...sums };
    means.weight = weight;
    return means;
  }
}
