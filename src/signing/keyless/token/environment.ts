import type { TokenSource } from './source.ts';

/** GitLab (`id_tokens` with `aud: sigstore`), CircleCI and whoever else puts a token into a variable. */
export const environmentSource: TokenSource = {
  id: 'env',
  find: ({ env }) => Promise.resolve(env['SIGSTORE_ID_TOKEN'] || undefined),
};
