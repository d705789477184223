/** What a registry of a cloud takes for a while. */
export interface RegistryToken {
  readonly username: string;
  readonly password: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}
