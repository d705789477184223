import { attachmentTag, type TaggedKind } from '../../signing/cosign/tags.ts';
import { guarded } from '../attachments/guarded.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import { exitCode } from '../exit-code.ts';
import { payloadReference } from '../signing/cosign-json.ts';

/** What `triangulate` is asked for besides the settings. */
export interface TriangulateOptions {
  /** `digest` is the image itself. */
  readonly type: TaggedKind | 'digest';
  readonly tagPrefix?: string;
}

/** `triangulate`: prints where the older layout keeps what belongs to an image, whether or not something is there. */
export function triangulateCommand(
  name: string,
  { type, tagPrefix }: TriangulateOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const { reference, digest, attachments } = await session.resolve(name);
    const { client, repository } = attachments;
    const text =
      type === 'digest'
        ? `${payloadReference({ reference })}@${digest}`
        : `${payloadReference({ reference: { registry: client.registry, repository } })}:${attachmentTag(digest, type, tagPrefix)}`;
    await host.stdout.write(`${text}\n`);
    return exitCode.ok;
  });
}
