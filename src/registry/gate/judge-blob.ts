import type { Digest } from '../../oci/digest.ts';
import { findManifest, manifestsNaming } from '../../store/metadata/manifests.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { RegistryError } from '../error.ts';
import { askedOf } from './asked-manifest.ts';
import type { Looked } from './hold.ts';
import type { ManifestJudge } from './judge-manifest.ts';
import { gateLimits } from './limits.ts';
import type { GateRules } from './model.ts';
import type { GateParts } from './parts.ts';

/**
 * Judges a blob by the images that name it: it passes when one of them does, and waits while one of them may. What is no image, such as
 * a signature or an index, decides only where no image names the blob too: else whoever may attach something could take a layer out of a
 * refused image.
 *
 * @returns undefined when none names it
 * @throws RegistryError when it could be told of none of them
 */
export async function judgeBlob(
  parts: GateParts,
  judge: ManifestJudge,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
  rules: GateRules,
  signal: AbortSignal,
): Promise<Looked | undefined> {
  const { database } = parts.content;
  let bare: Looked | undefined;
  let refused: Looked | undefined;
  let failure: RegistryError | undefined;
  let looked = 0;
  let images = 0;
  for await (const holder of holdersOf(database, repository, digest)) {
    looked += 1;
    try {
      const record = await findManifest(database, repository, holder);
      if (record === undefined) continue;
      const judged = await judge.judge(await askedOf(parts, repository, record, rules), rules, signal);
      if (judged.decided.decision === 'allow' && judged.waitsFor.length === 0) {
        // The empty config of artifacts tells nothing, and what cannot be scanned may have it, too.
        if (judged.isBare !== true || digest === emptyJson) return judged;
        bare = judged;
        continue;
      }
      refused = refused === undefined ? judged : either(refused, judged);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      failure ??= error;
    }
    images += 1;
    // More are looked at where that costs little: nobody waits for scans of so many, or asks an upstream for them.
    const isPlain = failure === undefined && refused?.waitsFor.length === 0;
    if (images >= (isPlain ? gateLimits.imageHolders : gateLimits.holders)) break;
  }
  if (refused !== undefined) return refused;
  if (failure !== undefined) throw failure;
  if (looked < gateLimits.bareHolders) return bare;
  throw new RegistryError(
    'DENIED',
    `More than ${gateLimits.bareHolders} manifests of this repository name this blob, and the newest are no images, so that it is not known whether an image that is refused has it; remove some of them`,
  );
}

/**
 * What names a blob, the newest first. Most blobs are decided by the first; older ones may be images that pass, or that are refused: whoever
 * pushes or attaches many newer things must not hide these.
 */
async function* holdersOf(queries: SqlQueries, repository: string, digest: Digest): AsyncGenerator<Digest, void> {
  let told = 0;
  for (const most of [gateLimits.holders, gateLimits.bareHolders]) {
    const all = await manifestsNaming(queries, repository, digest, 'blob', most);
    yield* all.slice(told);
    if (all.length < most) return;
    told = all.length;
  }
}

/** `{}` (OCI image-spec, manifest.md, "Guidance for an Empty Descriptor"). */
const emptyJson = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

/** Of two that do not pass yet: the one that may pass sooner, and all that may change it. */
function either(one: Looked, other: Looked): Looked {
  const first = rank(one) <= rank(other) ? one : other;
  return {
    ...first,
    waitsFor: [...new Set([...one.waitsFor, ...other.waitsFor])],
    until: Math.min(one.until, other.until),
  };
}

function rank({ decided: { decision } }: Looked): number {
  return ['allow', 'undecided', 'deny'].indexOf(decision);
}
