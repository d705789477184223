import { type Command, Option } from 'commander';
import { printable } from '../../base/printable.ts';
import { ConfigError } from '../config/error.ts';
import { scannerSwitches } from '../trivy-flags.ts';

/**
 * Adds flags of Trivy that ask for what is so anyway: that the database stays as it is, and that vulnerabilities are looked for.
 * What else is to be looked for is refused, since nobody would miss what was never looked at.
 */
export function addScannerOptions(command: Command): Command {
  for (const flag of scannerSwitches.keys()) command.addOption(new Option(flag).hideHelp());
  for (const flag of ['--scanners', '--security-checks']) {
    command.addOption(new Option(`${flag} <names>`).argParser((text) => readScanners(flag, text)).hideHelp());
  }
  return command.hook('preAction', refuseVulnerabilitiesInBom);
}

/**
 * With `--scanners vuln`, Trivy puts vulnerabilities into CycloneDX, where it has none otherwise.
 *
 * @throws ConfigError SETTING_INVALID
 */
function refuseVulnerabilitiesInBom(command: Command): void {
  const { scanners, securityChecks, format, output } = command.opts<Readonly<Record<string, unknown>>>();
  if (scanners === undefined && securityChecks === undefined) return;
  if (![format, output].flat().some((text) => String(text).startsWith('cyclonedx'))) return;
  throw new ConfigError(
    'SETTING_INVALID',
    'Bills of materials have no vulnerabilities in them here; leave --scanners out, or write --format json',
  );
}

/** @throws ConfigError SETTING_INVALID */
function readScanners(flag: string, text: string): string {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name === 'vuln')) return text;
  const elsewhere = names.some((name) => name === 'misconfig' || name === 'config')
    ? ', and run "seaworthy config" for what is wrong in configuration'
    : '';
  throw new ConfigError(
    'SETTING_INVALID',
    `${flag} cannot be "${printable(text)}"; write vuln, since vulnerabilities are all that is looked for${elsewhere}`,
  );
}
