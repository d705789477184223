/** Sigstore's public-good repository, which is meant where nobody names another. */
export const publicGoodMirror = 'https://tuf-repo-cdn.sigstore.dev';

/** What `@sigstore/tuf` ships of the public-good repository: its root metadata and targets as they were at its release. */
export interface TufSeed {
  readonly root: Buffer;
  readonly targets: ReadonlyMap<string, Buffer>;
}

type Seeds = Readonly<
  Record<string, { readonly 'root.json': string; readonly targets: Readonly<Record<string, string>> }>
>;

/** The seed of a mirror; undefined for mirrors that are not known beforehand. */
export async function seedOf(mirror: string): Promise<TufSeed | undefined> {
  const module = (await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })) as unknown as {
    readonly default: Seeds;
  };
  const seed = module.default[mirror.replace(/\/+$/, '')];
  if (seed === undefined) return undefined;
  const targets = Object.entries(seed.targets).map(([name, text]) => [
    decodeURIComponent(name),
    Buffer.from(text, 'base64'),
  ]);
  return { root: Buffer.from(seed['root.json'], 'base64'), targets: new Map(targets as [string, Buffer][]) };
}
