import { resolve } from 'node:path';
import { openRegistryImage } from '../../oci/client/open-registry-image.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import type { Image } from '../../oci/image.ts';
import { openLocalImage } from '../../oci/open-local.ts';
import type { Platform } from '../../oci/platform.ts';
import { formatReference } from '../../oci/reference.ts';
import { parseSource } from '../../oci/source.ts';
import { ConfigError } from '../config/error.ts';
import type { SigningSession } from '../signing/session.ts';

/** What an image is built on, before anything of it was read. */
export interface NamedBase {
  /** Opens it for a platform; for the usual one where none is named. */
  readonly open: (platform: Platform | undefined) => Promise<Image>;
  /** What it is called where others can get it. */
  readonly name?: string;
  /** Its repository, whose layers need not be sent to others of its registry. */
  readonly remote?: RemoteRepository;
}

/**
 * Finds out what `--from` means; undefined for `scratch`.
 *
 * @throws ConfigError SETTING_INVALID for what cannot be built on, OciError REFERENCE_INVALID
 */
export async function openBase(
  from: string,
  session: SigningSession,
  { cwd, usual }: { readonly cwd: string; readonly usual: Platform },
): Promise<NamedBase | undefined> {
  if (from === 'scratch') return undefined;
  const source = parseSource(from);
  const { signal } = session;
  const wish = (platform: Platform | undefined) => ({
    name: from,
    defaultPlatform: usual,
    ...(platform === undefined ? {} : { platform }),
  });
  switch (source.kind) {
    case 'registry': {
      const { reference } = source;
      const [network, remote] = [await session.network(), await session.remote(reference)];
      const { tag, digest: _, ...repository } = reference;
      // What a tag means is asked once: between two platforms it may be moved, and an index would stand on two bases.
      let asked = reference;
      return {
        open: async (platform) => {
          const image = await openRegistryImage(network, asked, { client: remote.client, ...wish(platform) }, signal);
          asked = { ...repository, digest: rootDigest(image) };
          return image;
        },
        // The digest has an annotation of its own.
        name: formatReference(tag === undefined ? reference : { ...repository, tag }),
        remote,
      };
    }
    case 'oci-dir':
    case 'oci-archive':
    case 'docker-archive': {
      const path = resolve(cwd, source.path);
      return { open: (platform) => openLocalImage(path, wish(platform), signal) };
    }
    default:
      throw new ConfigError(
        'SETTING_INVALID',
        `--from takes scratch, a reference, oci-dir:, oci-archive: or docker-archive:, not "${source.kind}:"; save the image into an archive first`,
      );
  }
}

/** The digest of what the tag named, which is an index where there is one. */
function rootDigest({ repoDigests: [root = ''] }: Image): Digest {
  return parseDigest(root.slice(root.indexOf('@') + 1));
}
