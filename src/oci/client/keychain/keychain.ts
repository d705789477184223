import type { Credential, Keychain } from '../credential.ts';

/** One credential, as a user typed it for this command: for one registry, or for whichever asks. */
export function fixedKeychain(credential: Credential, registry?: string): Keychain {
  return {
    find: (asked) => Promise.resolve(registry === undefined || asked === registry ? credential : undefined),
  };
}

/** Asks keychains one after another; the first that knows something decides. */
export function firstOf(...keychains: readonly Keychain[]): Keychain {
  return {
    async find(registry, repository, signal) {
      for (const keychain of keychains) {
        const found = await keychain.find(registry, repository, signal);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
