import { type CredentialPart } from './credential-part.ts';
import type { ConfigDeps } from './deps.ts';
import { KeptFile } from './kept-file.ts';
import { configLimits as limits } from './limits.ts';
import { bearerHeader } from './token.ts';

/**
 * A token in a file that others put new ones into.
 *
 * @param fallback a token for as long as the file cannot be read (client-go, "BearerTokenFile")
 */
export function tokenFilePart(path: string, what: string, deps: ConfigDeps, fallback?: string): CredentialPart {
  const file = new KeptFile({ path, what, most: limits.materialBytes }, deps);
  return {
    async current() {
      let text: string;
      try {
        text = (await file.read()).toString('utf8').trim();
      } catch (error) {
        if (fallback === undefined) throw error;
        text = fallback;
      }
      return { authorization: bearerHeader(text === '' && fallback !== undefined ? fallback : text, what) };
    },
    expire() {
      file.expire();
      return true;
    },
  };
}
