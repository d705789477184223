/** Why a release stops. The sentence says what is not right, and what to do. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
  readonly step: string;

  constructor(step: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.step = step;
  }
}
