import type { KeyObject } from 'node:crypto';
import { keyFits } from './algorithm.ts';

/** A key that verifies tokens. */
export interface JwtKey {
  readonly key: KeyObject;
  /** The names by which tokens may call it. */
  readonly ids: readonly string[];
  /** The one algorithm that it is for, where its owner says so. */
  readonly algorithm?: string;
  /** Milliseconds since 1970 between which it may be used, where its certificate says so. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** What a token says of the key that signed it. Keys that it brings along (`jwk`, `x5c`, `jku`) are no part of it. */
export interface KeyQuestion {
  readonly algorithm: string;
  readonly id: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/** Where the keys of an issuer come from. */
export interface KeySource {
  /**
   * The key for a token, or undefined when the issuer has none such.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE when the issuer could not be asked, or the signal's reason
   */
  find(question: KeyQuestion): Promise<KeyObject | undefined>;
}

/**
 * The key of a list that a token means: by its id where it names one; else the only one that its algorithm fits, for
 * issuers with a single key.
 */
export function chooseKey(keys: readonly JwtKey[], { algorithm, id, now }: KeyQuestion): KeyObject | undefined {
  const fitting = keys.filter(
    (key) =>
      (key.algorithm === undefined || key.algorithm === algorithm) &&
      (key.notBefore === undefined || key.notBefore <= now) &&
      (key.notAfter === undefined || key.notAfter >= now) &&
      keyFits(key.key, algorithm),
  );
  if (id !== undefined) return fitting.find(({ ids }) => ids.includes(id))?.key;
  return fitting.length === 1 ? fitting[0]?.key : undefined;
}

/** Keys that are known beforehand. */
export function fixedKeys(keys: readonly JwtKey[]): KeySource {
  return { find: (question) => Promise.resolve(chooseKey(keys, question)) };
}
