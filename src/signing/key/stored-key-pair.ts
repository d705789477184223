/** A key pair as it is kept together: PEM, and the password that opens it. */
export interface StoredKeyPair {
  /** Encrypted, as `encryptPrivateKey()` writes it. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly password: Uint8Array;
}
