/** Who asks for a change, when and why. */
export interface ChangeContext {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly actor: string;
  readonly reason?: string;
}
