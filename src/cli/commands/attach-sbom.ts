import { attachSbom } from '../../signing/cosign/write-legacy.ts';
import { signingLimits } from '../../signing/limits.ts';
import { existingImage } from '../attachments/existing-image.ts';
import { guarded } from '../attachments/guarded.ts';
import { sbomMediaType } from '../attachments/sbom-type.ts';
import { tellDone } from '../attachments/tell.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readInput } from '../signing/read-input.ts';

/** What `attach sbom` is given besides the settings. */
export interface AttachSbomOptions {
  /** The file; `-` is standard input. */
  readonly sbom: string;
  readonly type?: string;
  readonly inputFormat?: string;
  readonly tagPrefix?: string;
}

/** `attach sbom`: puts a bill of materials at an image's `.sbom` tag, unsigned, in the place of any other. */
export function attachSbomCommand(
  name: string,
  { sbom, type, inputFormat, tagPrefix: prefix }: AttachSbomOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const { signal } = session;
    const bytes = await readInput(sbom, signingLimits.attachmentBytes, '--sbom', host);
    const mediaType = sbomMediaType(bytes, type, inputFormat);
    const { attachments, digest } = await existingImage(session, name);
    const options = { signal, ...(prefix === undefined ? {} : { prefix }) };
    await attachSbom(attachments, digest, { bytes, mediaType }, options);
    const sentence = `Attached the SBOM (${mediaType}) to ${name} (${digest}). Nobody signed it; what "seaworthy attest --sbom" makes can be verified`;
    await tellDone(sentence, settings, host);
    return exitCode.ok;
  });
}
