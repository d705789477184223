import { isUtf8 } from 'node:buffer';
import type { Problem } from '../../base/problem.ts';
import { CodecError } from '../../codec/error.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { findBundles } from '../../signing/cosign/bundles.ts';
import { type AttachedSbom, fetchSbom } from '../../signing/cosign/fetch-sbom.ts';
import {
  findLegacySignatures,
  type LegacyKind,
  type LegacySignature,
  readLegacyReferrers,
} from '../../signing/cosign/legacy-signatures.ts';
import { isPredicateType, signPredicateType } from '../../signing/statement/predicate-type.ts';
import { type DocumentLine, documentLine } from '../attachments/document-line.ts';
import { type ExistingImage, existingImage } from '../attachments/existing-image.ts';
import { guarded } from '../attachments/guarded.ts';
import { legacyLine } from '../attachments/legacy-line.ts';
import { tellDone, tellProblems } from '../attachments/tell.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, verifyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { wantedType } from '../signing/wanted-type.ts';

/** What is to be downloaded besides the settings. */
export interface DownloadOptions {
  readonly tagPrefix?: string;
  /** A name or a URI. */
  readonly predicateType?: string;
}

/** `download signature`: prints the signatures of an image, bundles first, one a line. */
export function downloadSignatureCommand(
  name: string,
  options: DownloadOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const wanted = ({ states, predicateType }: DocumentLine): boolean => !states || predicateType === signPredicateType;
  return download(name, 'signature', wanted, options, resolved, host);
}

/** `download attestation`: prints what is attested of an image, bundles first, one a line. */
export async function downloadAttestationCommand(
  name: string,
  options: DownloadOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { predicateType: text } = options;
  const type = text === undefined ? undefined : wantedType(text);
  const wanted = ({ states, predicateType: found }: DocumentLine): boolean =>
    type === undefined ? states && found !== signPredicateType : found !== undefined && isPredicateType(found, type);
  return await download(name, 'attestation', wanted, options, resolved, host);
}

/** `download sbom`: prints the SBOM that was attached to an image, byte for byte. */
export function downloadSbomCommand(
  name: string,
  { tagPrefix }: DownloadOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const { signal } = session;
    const { attachments, digest } = await existingImage(session, name, settings.platform);
    const prefix = tagPrefix === undefined ? {} : { prefix: tagPrefix };
    const sbom = await fetchSbom(attachments, digest, { signal, ...prefix });
    if (sbom === undefined) return await nothing(name, 'SBOM', host);
    await host.stdout.write(textOf(sbom, host));
    const sentence = `Found an SBOM of type ${sbom.mediaType}. Nobody signed it; what "seaworthy attest --sbom" made can be verified`;
    await tellDone(sentence, settings, host);
    return exitCode.ok;
  });
}

function textOf({ bytes, mediaType }: AttachedSbom, { stdout }: Host): string {
  if (!isUtf8(bytes)) throw new ConfigError('SETTING_INVALID', `The SBOM, ${mediaType}, is no text; fetch its blob`);
  const text = bytes.toString('utf8');
  // A file gets it byte for byte; a terminal would obey what stands in it.
  return stdout.isTerminal ? text.split('\n').map(cleanText).join('\n') : text;
}

function download(
  name: string,
  kind: LegacyKind,
  wanted: (document: DocumentLine) => boolean,
  { tagPrefix }: DownloadOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const image = await existingImage(session, name, settings.platform);
    const { lines, problems } = await gather(image, kind, wanted, tagPrefix, session.signal);
    for (const line of lines) await host.stdout.write(`${line}\n`);
    const status = await tellProblems(problems, host);
    return lines.length === 0 && problems.length === 0 ? await nothing(name, kind, host) : status;
  });
}

async function gather(
  { attachments, digest }: ExistingImage,
  kind: LegacyKind,
  wanted: (document: DocumentLine) => boolean,
  tagPrefix: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly problems: readonly Problem[] }> {
  const prefix = tagPrefix === undefined ? {} : { prefix: tagPrefix };
  const [{ bundles, others, problems: unread }, tagged] = await Promise.all([
    findBundles(attachments, digest, { signal }),
    findLegacySignatures(attachments, digest, kind, { signal, ...prefix }),
  ]);
  const referrers = await readLegacyReferrers(attachments, others, signal);
  const older = [...(tagged?.signatures ?? []), ...referrers.signatures].filter((one) => one.kind === kind);
  const problems = [...unread, ...(tagged?.problems ?? []), ...referrers.problems];
  const lines: string[] = [];
  for (const { bytes, manifest } of bundles) {
    const read = readLine(bytes);
    if ('problem' in read)
      problems.push({ code: 'BUNDLE_UNREADABLE', subject: manifest.digest, message: read.problem });
    else if (wanted(read)) lines.push(read.line);
  }
  for (const one of older) {
    const line = kind === 'signature' ? legacyLine(one) : envelopeLine(one, wanted);
    if (line !== undefined) lines.push(line);
  }
  return { lines, problems };
}

function readLine(bytes: Buffer): DocumentLine | { readonly problem: string } {
  try {
    return documentLine(bytes);
  } catch (error) {
    if (error instanceof CodecError) return { problem: error.message };
    throw error;
  }
}

function envelopeLine({ payload }: LegacySignature, wanted: (document: DocumentLine) => boolean): string | undefined {
  const document = documentLine(payload);
  return wanted(document) ? document.line : undefined;
}

async function nothing(name: string, what: string, host: Host): Promise<number> {
  const sentence = `error NOT_ATTACHED: ${name} has no such ${what}; "seaworthy tree" shows what is attached`;
  await host.stderr.write(`${cleanText(sentence)}\n`);
  return verifyExitCode.unsigned;
}
