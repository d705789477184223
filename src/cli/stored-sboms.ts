import type { RemoteRepository } from '../oci/client/remote-repository.ts';
import type { Image } from '../oci/image.ts';
import type { Inventory } from '../package/inventory.ts';
import { cleanText } from '../report/text/clean-text.ts';
import { ScanError } from '../scan/error.ts';
import type { StoredSbom } from '../scan/stored-sbom/find-stored-sbom.ts';
import type { AcceptedKey } from '../signing/verify/policy.ts';
import { ConfigError } from './config/error.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';

/** Takes SBOMs that registries attached to images in the place of their layers, where the user trusts who signed them. */
export class StoredSboms {
  readonly #settings: Settings;
  readonly #host: Host;
  #keys: Promise<readonly AcceptedKey[]> | undefined;

  constructor(settings: Settings, host: Host) {
    this.#settings = settings;
    this.#host = host;
  }

  /** Loads the keys, for whoever reads many images: one that cannot be loaded is not about each of them. @throws SigningError */
  async requireKeys(): Promise<void> {
    this.#keys ??= loadKeys(this.#settings, this.#host);
    await this.#keys;
  }

  /**
   * The inventory of an image as its registry's SBOM has it; undefined when its layers must be read, and why is told.
   *
   * @param remote undefined for an image that is in no registry
   * @param tell says something to the user
   * @throws ScanError SBOM_UNUSABLE where the user wants no layers to be read; SigningError for a key that cannot be loaded; the
   * signal's reason
   */
  async find(
    image: Image,
    remote: RemoteRepository | undefined,
    tell: (text: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Inventory | undefined> {
    const { sbomOnly, quiet } = this.#settings;
    // Nobody is told of each archive that it has no registry, where the keys come from a settings file.
    if (remote === undefined && !sbomOnly) return undefined;
    const found = await this.#look(image, remote, signal);
    if (found.kind === 'trusted') {
      const sentence = `${image.name}: its packages are those of its SBOM ${found.manifest}, which ${found.key.name} signed`;
      if (!quiet) await tell(cleanText(sentence));
      return found.inventory;
    }
    if (sbomOnly) {
      const advice = 'leave --sbom-only out to read its layers';
      throw new ScanError(
        'SBOM_UNUSABLE',
        `The layers of ${image.name} are not to be read, but ${found.reason}; ${advice}`,
      );
    }
    if (!quiet) {
      await tell(cleanText(`${image.name}: its layers are read: --sbom-key was given, but ${found.reason}`));
    }
    return undefined;
  }

  async #look(image: Image, remote: RemoteRepository | undefined, signal: AbortSignal): Promise<StoredSbom> {
    const { skipDirs, skipFiles } = this.#settings;
    const { manifestDigest } = image;
    if (remote === undefined || manifestDigest === undefined) {
      return { kind: 'unusable', reason: 'it is in no registry' };
    }
    if (skipDirs.length + skipFiles.length > 0) {
      return { kind: 'unusable', reason: 'what --skip-dirs and --skip-files leave out shows in the layers alone' };
    }
    this.#keys ??= loadKeys(this.#settings, this.#host);
    const [keys, { findStoredSbom }] = await Promise.all([
      this.#keys,
      import('../scan/stored-sbom/find-stored-sbom.ts'),
    ]);
    const { imageId, layers } = image;
    return await findStoredSbom(remote, { manifestDigest, imageId, layers }, keys, this.#host.now(), signal);
  }
}

/**
 * What the settings say of SBOMs that registries attached; undefined where nothing.
 *
 * @throws ConfigError SETTING_INVALID
 */
export function storedSbomsOf(settings: Settings, host: Host): StoredSboms | undefined {
  if (settings.sbomKey.length > 0) return new StoredSboms(settings, host);
  if (!settings.sbomOnly) return undefined;
  throw new ConfigError('SETTING_INVALID', '--sbom-only needs to know whose SBOMs; add --sbom-key FILE');
}

async function loadKeys(settings: Settings, host: Host): Promise<readonly AcceptedKey[]> {
  const { SigningSession } = await import('./signing/session.ts');
  await using session = new SigningSession(settings, host);
  return await session.loadKeys(settings.sbomKey);
}
