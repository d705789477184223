import { resolve } from 'node:path';
import { silentProgress } from '../../base/progress.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import type { AttachmentKind } from '../../signing/cosign/attachments.ts';
import { copyImage } from '../../signing/cosign/copy.ts';
import { loadImage } from '../../signing/cosign/load.ts';
import { saveImage } from '../../signing/cosign/save.ts';
import { attachmentRepository } from '../../signing/cosign/tags.ts';
import { guarded } from '../attachments/guarded.ts';
import { tellDone, tellProblems } from '../attachments/tell.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { progressOf } from '../progress.ts';
import { savedFolder } from '../signing/saved-folder.ts';
import type { SigningSession } from '../signing/session.ts';
import { tellLeftOut } from '../tell-left-out.ts';

/** How `copy` copies besides the settings. */
export interface CopyCommandOptions {
  /** Words of `--only`; all kinds where it is empty. */
  readonly only: readonly string[];
  /** Lets a tag be moved to another image. */
  readonly force: boolean;
  readonly tagPrefix?: string;
}

/** How `save` and `load` work besides the settings. */
export interface FolderOptions {
  readonly dir: string;
  readonly tagPrefix?: string;
}

/** Words of `--only`, as cosign has them. */
const onlyWords: Readonly<Record<string, AttachmentKind>> = { sig: 'signature', att: 'attestation', sbom: 'sbom' };

/** `copy`: brings an image with everything that is attached to it to another repository. */
export async function copyCommand(
  from: string,
  to: string,
  { only: words, force, tagPrefix }: CopyCommandOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const only = kindsOf(words);
  return await guarded(settings, host, async (session) => {
    const [source, target] = [parseReference(from), parseTarget(to)];
    const options = {
      ...(await shared(source, tagPrefix, settings, host, session)),
      ...(only.length === 0 ? {} : { only }),
      ...(settings.platform === undefined ? {} : { platform: settings.platform }),
      overwrite: force,
    };
    const places = [await session.remote(source), await session.remote(target)] as const;
    const { digest, attachments, problems, leftOut } = await copyImage(
      places[0],
      referenceOf(source),
      places[1],
      target.tag,
      options,
    );
    await tellLeftOut(digestsOf(leftOut), settings, host);
    await tellDone(`Copied ${digest} to ${to}${counted(attachments)}`, settings, host);
    return await tellProblems(problems, host);
  });
}

/** `save`: writes an image with everything that is attached to it into a folder, an OCI layout. */
export function saveCommand(
  name: string,
  { dir, tagPrefix }: FolderOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const source = parseReference(name);
    const options = await shared(source, tagPrefix, settings, host, session);
    const folder = resolve(host.cwd, dir);
    const remote = await session.remote(source);
    const { digest, attachments, problems, leftOut } = await saveImage(remote, referenceOf(source), folder, options);
    await tellLeftOut(digestsOf(leftOut), settings, host);
    await tellDone(`Saved ${digest} in ${dir}${counted(attachments)}`, settings, host);
    return await tellProblems(problems, host);
  });
}

/** `load`: brings what `save` wrote, ours or cosign's, into a repository. */
export function loadCommand(
  name: string,
  { dir, tagPrefix: prefix }: FolderOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const target = parseTarget(name);
    const folder = savedFolder(dir, '--dir', host);
    const { digest, attachments, leftOut } = await loadImage(folder, await session.remote(target), target.tag, {
      ...(prefix === undefined ? {} : { prefix }),
      progress: progressOf(settings, host) ?? silentProgress,
      signal: session.signal,
    });
    await tellLeftOut(digestsOf(leftOut), settings, host);
    await tellDone(`Loaded ${digest} into ${name}${counted(attachments)}`, settings, host);
    return exitCode.ok;
  });
}

function kindsOf(words: readonly string[]): readonly AttachmentKind[] {
  return words
    .flatMap((word) => word.split(','))
    .map((word) => {
      const kind = Object.hasOwn(onlyWords, word) ? onlyWords[word] : undefined;
      if (kind !== undefined) return kind;
      throw new ConfigError('SETTING_INVALID', `--only takes sig, att and sbom, not "${word.slice(0, 40)}"`);
    });
}

function parseTarget(name: string): Reference {
  const target = parseReference(name);
  if (target.digest === undefined) return target;
  throw new ConfigError('SETTING_INVALID', 'A copy keeps its digest; name a repository, with or without a tag');
}

function referenceOf({ digest, tag = 'latest' }: Reference): string {
  return digest ?? tag;
}

async function shared(
  source: Reference,
  prefix: string | undefined,
  settings: Settings,
  host: Host,
  session: SigningSession,
) {
  const override = settings.signatureRepository ?? host.env['COSIGN_REPOSITORY'];
  const apart: RemoteRepository | undefined = override
    ? await session.remote(attachmentRepository(source, override))
    : undefined;
  return {
    ...(prefix === undefined ? {} : { prefix }),
    ...(apart === undefined ? {} : { attachments: apart }),
    progress: progressOf(settings, host) ?? silentProgress,
    signal: session.signal,
  };
}

function digestsOf(leftOut: readonly Descriptor[]): readonly Digest[] {
  return leftOut.map(({ digest }) => digest);
}

function counted(attachments: readonly unknown[]): string {
  return attachments.length === 1 ? ', with 1 attachment' : `, with ${attachments.length} attachments`;
}
