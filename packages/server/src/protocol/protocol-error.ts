/** The statuses with which this server refuses a request. */
export type RefusalStatus = 400 | 404 | 413 | 500 | 501 | 503;

/** An answer other than success, in the protocol's form `{"error": …}`. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly status: RefusalStatus,
    message: string,
  ) {
    super(message);
  }
}

/** The request cannot be answered as it is. */
export function badRequest(message: string): ProtocolError {
  return new ProtocolError(400, message);
}
