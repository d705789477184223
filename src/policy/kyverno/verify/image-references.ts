import { formatKyvernoImage, type KyvernoImage } from '../image-name.ts';
import { matchesWildcard } from '../wildcard.ts';

/** Hosts that are the same registry (Docker Hub). */
const hub: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** Whether one of the patterns matches an image, in one of the spellings that count. */
export function matchesReferences(patterns: readonly string[], spellings: readonly string[]): boolean {
  return patterns.some((pattern) => spellings.some((spelling) => matchesWildcard(pattern, spelling)));
}

/**
 * What patterns are compared with. Kyverno has one spelling of an image, which says after the `@` what it says of a digest and else its
 * tag (`ImageInfo.String`); whoever spells the image otherwise escapes a pattern.
 *
 * @param aliases whether other spellings of the same image count as well: with and without `library/`, each host of Docker Hub, small
 * letters in the host, and without the port that HTTPS has anyway
 */
export function spellingsOf(image: KyvernoImage, aliases: boolean): readonly string[] {
  if (!aliases) return [formatKyvernoImage(image)];
  const plain = image.registry.toLowerCase().replace(/:443$/, '');
  // What has no host is pulled from there.
  const isHub = plain === '' || hub.includes(plain);
  const hosts = [image.registry, ...(isHub ? hub : [plain, `${plain}:443`])];
  const paths = isHub ? hubPaths(image.path) : [image.path];
  const all = hosts.flatMap((registry) => paths.map((path) => formatKyvernoImage({ ...image, registry, path })));
  return [...new Set(all)];
}

function hubPaths(path: string): readonly string[] {
  if (!path.includes('/')) return [path, `library/${path}`];
  const [, official] = /^library\/([^/]+)$/.exec(path) ?? [];
  return official === undefined ? [path] : [path, official];
}
