import type { TokenSource } from './source.ts';

/** Where a cluster projects a service account's token for signing. */
const path = '/var/run/sigstore/cosign/oidc-token';

/** A file that is put there for signing. */
export const fileSource: TokenSource = {
  id: 'filesystem',
  find: async ({ readText }) => (await readText(path))?.trim() || undefined,
};
