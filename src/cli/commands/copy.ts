import { resolve } from 'node:path';
import type { Problem } from '../../base/problem.ts';
import { parseReference } from '../../oci/reference.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { AttachmentKind } from '../../signing/cosign/attachments.ts';
import { copyImage } from '../../signing/cosign/copy.ts';
import { loadImage } from '../../signing/cosign/load.ts';
import { saveImage } from '../../signing/cosign/save.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { guarded } from '../signing/guarded.ts';

/** How `copy` copies besides the settings. */
export interface CopyCommandOptions {
  /** Words of `--only`; all kinds where it is empty. */
  readonly only: readonly string[];
  /** Lets a tag be moved to another image. */
  readonly force: boolean;
}

/** Words of `--only`, as cosign has them. */
const onlyWords: Readonly<Record<string, AttachmentKind>> = { sig: 'signature', att: 'attestation', sbom: 'sbom' };

/** `copy`: brings an image with everything that is attached to it to another repository. */
export function copyCommand(
  from: string,
  to: string,
  { only: words, force }: CopyCommandOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const only = words
    .flatMap((word) => word.split(','))
    .map((word) => {
      const kind = Object.hasOwn(onlyWords, word) ? onlyWords[word] : undefined;
      if (kind !== undefined) return kind;
      throw new ConfigError('SETTING_INVALID', `--only takes sig, att and sbom, not "${word.slice(0, 40)}"`);
    });
  return guarded(settings, host, async (session) => {
    const [source, target] = [parseReference(from), parseReference(to)];
    if (target.digest !== undefined)
      throw new ConfigError('SETTING_INVALID', 'A copy keeps its digest; name a tag or a repository');
    const reference = source.digest ?? source.tag ?? 'latest';
    const { digest, attachments, problems } = await copyImage(
      await session.remote(source),
      reference,
      await session.remote(target),
      target.tag,
      {
        ...(only.length === 0 ? {} : { only }),
        ...(settings.platform === undefined ? {} : { platform: settings.platform }),
        overwrite: force,
        signal: session.signal,
      },
    );
    await host.stderr.write(`${cleanText(`Copied ${digest} with ${attachments.length} attachments to ${to}`)}\n`);
    return tellProblems(problems, host);
  });
}

/** `save`: writes an image with everything that is attached to it into a folder, an OCI layout. */
export function saveCommand(name: string, folder: string, { settings }: ResolvedSettings, host: Host): Promise<number> {
  return guarded(settings, host, async (session) => {
    const source = parseReference(name);
    const reference = source.digest ?? source.tag ?? 'latest';
    const { digest, attachments, problems } = await saveImage(
      await session.remote(source),
      reference,
      resolve(host.cwd, folder),
      { signal: session.signal },
    );
    await host.stderr.write(`${cleanText(`Saved ${digest} with ${attachments.length} attachments in ${folder}`)}\n`);
    return tellProblems(problems, host);
  });
}

/** `load`: brings what `save` wrote into a repository. */
export function loadCommand(name: string, folder: string, { settings }: ResolvedSettings, host: Host): Promise<number> {
  return guarded(settings, host, async (session) => {
    const target = parseReference(name);
    const { digest, attachments } = await loadImage(
      resolve(host.cwd, folder),
      await session.remote(target),
      target.tag,
      { signal: session.signal },
    );
    await host.stderr.write(`${cleanText(`Loaded ${digest} with ${attachments.length} attachments into ${name}`)}\n`);
    return exitCode.ok;
  });
}

/** What was listed as attached but could not be read was not copied: the copy is not whole. */
async function tellProblems(problems: readonly Problem[], host: Host): Promise<number> {
  for (const { subject, message } of problems) await host.stderr.write(`${cleanText(`${subject}: ${message}`)}\n`);
  return problems.length === 0 ? exitCode.ok : exitCode.error;
}
