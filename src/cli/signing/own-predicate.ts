import { predicateTypes } from '../../signing/statement/predicate-type.ts';
import { encodeSbom } from '../commands/sbom.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import { openLookup } from '../lookup.ts';
import { ScanSession } from '../scan-session.ts';
import type { Stated } from './predicate.ts';

/** Formats of `--sbom`, and the predicate type of each. */
const sbomTypes: Readonly<Record<string, string>> = {
  'cyclonedx-json': predicateTypes.cyclonedx,
  'spdx-json': predicateTypes.spdxjson,
};

/** Our own bill of materials of an image. An incomplete one is not stated. @throws ConfigError, and what reading throws */
export async function sbomPredicate(
  name: string,
  format: string,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<Stated> {
  const predicateType = Object.hasOwn(sbomTypes, format) ? sbomTypes[format] : undefined;
  if (predicateType === undefined) {
    const formats = Object.keys(sbomTypes).join(', ');
    throw new ConfigError(
      'SETTING_INVALID',
      `"${format.slice(0, 40)}" is no format that is attested; write one of ${formats}`,
    );
  }
  await using session = new ScanSession(settings, host);
  const { artifact, inventory } = await session.read(name);
  requireComplete(name, inventory.problems);
  const createdAt = host.now().toISOString();
  const text = await encodeSbom({ artifact, inventory, createdAt }, format, host);
  return { predicateType, predicate: JSON.parse(text) };
}

/**
 * The findings of our own scan, as cosign's vulnerability predicate has them (COSIGN_VULN_ATTESTATION_SPEC.md): the result is
 * the report in Trivy's form. What could not be looked at whole is not stated.
 *
 * @throws ConfigError, and what a scan throws
 */
export async function scanPredicate(name: string, resolved: ResolvedSettings, host: Host): Promise<Stated> {
  const { settings } = resolved;
  using lookup = openLookup(settings, host);
  const started = host.now();
  await using session = new ScanSession(settings, host);
  const report = lookup.report(await session.read(name));
  requireComplete(name, report.problems);
  const { jsonReport } = await import('../../report/json/render.ts');
  const result = JSON.parse(
    jsonReport.render([report], { version: host.version, width: 80, colour: false, listAllPackages: false }),
  ) as unknown;
  const builtAt = report.database?.builtAt ?? '';
  return {
    predicateType: predicateTypes.vuln,
    predicate: {
      invocation: { parameters: [], uri: '', event_id: '', 'builder.id': '' },
      scanner: {
        uri: `pkg:npm/seaworthy@${host.version}`,
        version: host.version,
        db: { uri: settings.dbSource, version: builtAt, lastUpdate: builtAt },
        result,
      },
      metadata: { scanStartedOn: started.toISOString(), scanFinishedOn: host.now().toISOString() },
    },
  };
}

function requireComplete(
  name: string,
  problems: readonly { readonly incomplete?: true; readonly message: string }[],
): void {
  const problem = problems.find(({ incomplete }) => incomplete === true);
  if (problem === undefined) return;
  const message = `Not all of ${name} could be looked at (${problem.message}), so nothing is stated of it`;
  throw new ConfigError('SETTING_INVALID', message);
}
