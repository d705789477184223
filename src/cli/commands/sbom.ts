import { errorMessage } from '../../base/error.ts';
import type { Artifact, DocumentFacts, ScanReport } from '../../finding/scan-report.ts';
import { decodeSbom } from '../../sbom/detect.ts';
import { documentOfReport } from '../../sbom/from-inventory.ts';
import { parseBoundedJson } from '../../sbom/json.ts';
import { sbomLimits } from '../../sbom/limits.ts';
import { sbomFormat } from '../../sbom/list.ts';
import type { SbomDocument } from '../../sbom/model.ts';
import { inventoryOfDocument } from '../../sbom/to-inventory.ts';
import { ScanError } from '../../scan/error.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { describeProblem } from '../describe-error.ts';
import { deliverAll, requireOutputs } from '../deliver.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { openLookup } from '../lookup.ts';
import { readBounded } from '../read-bounded.ts';
import { reportAll, requireReports } from '../report-all.ts';
import { timeLimited } from '../time-limit.ts';
import { ScanSession } from '../scan-session.ts';
import { storedSbomsOf } from '../stored-sboms.ts';

/** What `sbom` writes where nothing is asked for. */
const defaultFormat = 'cyclonedx-json';

/** `sbom SOURCE`: writes the bill of materials of an image or folder. */
export async function sbomCommand(name: string, { settings, origins }: ResolvedSettings, host: Host): Promise<number> {
  const fallback = origins.get('format')?.kind === 'default' ? defaultFormat : settings.format;
  const targets = settings.output.length === 0 ? [{}] : settings.output;
  for (const target of targets) requireFormat(target.format ?? fallback);
  await requireOutputs(targets, host);
  await using session = new ScanSession(settings, host, storedSbomsOf(settings, host));
  const { artifact, inventory } = await session.read(name);
  const createdAt = host.now().toISOString();
  await deliverAll(
    (async function* texts() {
      for (const target of targets) {
        yield { target, text: await encodeSbom({ artifact, inventory, createdAt }, target.format ?? fallback, host) };
      }
    })(),
    host,
  );
  for (const problem of inventory.problems) await host.stderr.write(`${describeProblem(problem)}\n`);
  return inventory.problems.some(({ incomplete }) => incomplete === true) ? exitCode.error : exitCode.ok;
}

/**
 * `scan sbom:FILE`: looks up what a bill of materials lists.
 *
 * @throws SbomError
 */
export async function scanSbomCommand(path: string, resolved: ResolvedSettings, host: Host): Promise<number> {
  if (path === '') throw new ScanError('TARGET_INVALID', 'Nothing follows "sbom:"; write the file to read after it');
  const vex = await requireReports(resolved, 1, host);
  using lookup = openLookup(resolved.settings, host);
  const signal = timeLimited(host.signal, resolved.settings.timeout);
  const bytes = await readDocument(path, signal);
  const { format, document } = await decodeSbom(bytes, sbomLimits, signal);
  const facts = vex === undefined ? {} : { document: await documentFacts(document, bytes) };
  const artifact: Artifact = { name: path, type: format.artifactType, ...facts };
  const report = lookup.report({ artifact, inventory: inventoryOfDocument(document) });
  return await reportAll([report], vex, resolved, host);
}

/** What the document calls its parts and itself, which nothing but VEX documents speak of. */
async function documentFacts({ subject }: SbomDocument, bytes: Uint8Array): Promise<DocumentFacts> {
  const { bomFactsOf } = await import('../../match/vex/cyclonedx/bom-parts.ts');
  const bom = bomFactsOf(parseBoundedJson(bytes, sbomLimits));
  return bom === undefined ? { subject } : { subject, bom };
}

async function readDocument(path: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readBounded(path, sbomLimits.bytes, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new ScanError(
      'TARGET_INVALID',
      `The document ${path} cannot be read (${errorMessage(cause)}); check the path`,
      { cause },
    );
  }
}

/** The text of a bill of materials. */
export async function encodeSbom(
  report: Pick<ScanReport, 'artifact' | 'inventory' | 'createdAt'>,
  format: string,
  host: Host,
): Promise<string> {
  const document = documentOfReport(report, {
    tool: { name: 'seaworthy', version: host.version },
    sourceDateEpoch: host.env['SOURCE_DATE_EPOCH'],
  });
  return requireFormat(format).encode(document);
}

function requireFormat(id: string): NonNullable<ReturnType<typeof sbomFormat>> {
  const format = sbomFormat(id);
  if (format !== undefined) return format;
  throw new ConfigError(
    'SETTING_INVALID',
    `"${id}" is no format of a bill of materials; write cyclonedx-json or spdx-json`,
  );
}
