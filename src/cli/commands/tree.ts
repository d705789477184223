import { printableJson } from '../../base/printable-json.ts';
import { findAllAttachments, type AllAttachments } from '../../signing/cosign/find-all.ts';
import { type ExistingImage, existingImage } from '../attachments/existing-image.ts';
import { guarded } from '../attachments/guarded.ts';
import { tellProblems } from '../attachments/tell.ts';
import { treeText } from '../attachments/tree-text.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';

/** How `tree` shows it besides the settings. */
export interface TreeOptions {
  readonly output: 'text' | 'json';
  readonly tagPrefix?: string;
}

/** Cells of a line where there is no terminal to ask. */
const plainWidth = 80;

/** `tree`: shows what is attached to an image, and to that. Nothing is verified. */
export function treeCommand(
  name: string,
  { output, tagPrefix: prefix }: TreeOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const { signal } = session;
    const image = await existingImage(session, name, settings.platform);
    const options = { signal, ...(prefix === undefined ? {} : { prefix }) };
    const found = await findAllAttachments(image.attachments, [image.digest], options);
    const text =
      output === 'json'
        ? `${printableJson(describe(image, found))}\n`
        : treeText(name, image.digest, found.attachments, Math.max(40, host.stdout.columns ?? plainWidth));
    await host.stdout.write(text);
    return await tellProblems(found.problems, host);
  });
}

function describe({ name, digest }: ExistingImage, { attachments, problems }: AllAttachments): unknown {
  return {
    image: name,
    digest,
    attachments: attachments.map(({ subject, descriptor, manifest, kind, form, tag, artifactType, predicateType }) => ({
      subject,
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      kind,
      form,
      tag: tag ?? null,
      artifactType: artifactType ?? null,
      predicateType: predicateType ?? null,
      created: manifest.annotations['org.opencontainers.image.created'] ?? null,
      layers: (manifest.kind === 'manifest' ? manifest.layers : []).map((layer) => ({
        digest: layer.digest,
        mediaType: layer.mediaType,
        size: layer.size,
        predicateType: layer.annotations?.['predicateType'] ?? null,
      })),
    })),
    problems,
  };
}
