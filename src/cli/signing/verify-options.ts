import { ConfigError } from '../config/error.ts';

/** Reads `-a name=value` options; a later one of the same name counts. @throws ConfigError SETTING_INVALID */
export function readAnnotations(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    // cosign takes several in one option, separated by commas.
    texts
      .flatMap((text) => text.split(','))
      .map((pair) => {
        const at = pair.indexOf('=');
        if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)] as const;
        throw new ConfigError('SETTING_INVALID', `"${pair.slice(0, 100)}" is no annotation; write NAME=VALUE`);
      }),
  );
}

/** Options that images and blobs are verified by besides the settings. */
export interface VerifyOptions {
  readonly annotations: readonly string[];
  readonly output: 'json' | 'text' | 'report';
  readonly checkClaims: boolean;
  /** Different signers that must have signed. */
  readonly signatures: number;
  readonly layouts: readonly ('bundle' | 'legacy')[];
  readonly tagPrefix?: string;
  /** Names are folders that `save` wrote. */
  readonly localImage: boolean;
}
