/** How keys write the version: `/name/1.2.3_peer` until version 5, `/name@1.2.3(peer)` in 6, without the slash since 9. */
export type KeyStyle = 'slash' | 'at';

/** What a key says. */
export interface PackageKey {
  readonly name: string;
  readonly version: string;
  /** The key without the peers that it was resolved with, as `packages` of version 9 has it. */
  readonly bare: string;
}

/** Takes a key apart; addresses of archives and repositories come out as names without versions. */
export function splitKey(key: string, style: KeyStyle): PackageKey {
  if (style === 'slash') {
    const path = key.replace(/^\//, '');
    const slash = path.indexOf('/', path.startsWith('@') ? path.indexOf('/') + 1 : 0);
    if (slash < 0) return { name: path, version: '', bare: key };
    return { name: path.slice(0, slash), version: withoutPeers(path.slice(slash + 1), '_'), bare: key };
  }
  const bare = withoutPeers(key, '(');
  const path = bare.replace(/^\//, '');
  const at = path.indexOf('@', 1);
  return at < 0 ? { name: path, version: '', bare } : { name: path.slice(0, at), version: path.slice(at + 1), bare };
}

/**
 * The key that a dependency leads to: its value is a version, or a whole key where the name is an alias or an address.
 * Undefined where there is no such package.
 */
export function dependencyKey(
  name: string,
  value: string,
  style: KeyStyle,
  keys: ReadonlySet<string>,
): string | undefined {
  const candidates =
    style === 'slash' ? [`/${name}/${value}`, value] : [`${name}@${value}`, `/${name}@${value}`, value];
  return candidates.find((key) => keys.has(key));
}

function withoutPeers(text: string, mark: string): string {
  const end = text.indexOf(mark);
  return end < 0 ? text : text.slice(0, end);
}
