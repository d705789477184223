import type { Package } from '../../../package/package.ts';
import { cleanTexts, readIdentity, textLimits } from '../../document/text.ts';
import { readHeaders, type HeaderField } from './headers.ts';

/**
 * Reads the core metadata of an installed distribution: `METADATA` of a dist-info folder, `PKG-INFO` or an `.egg-info`
 * file of the older layouts.
 *
 * @returns undefined when name or version is missing, and for the `Python` that interpreters record of themselves
 * @throws CatalogError MALFORMED when name or version is no plain text
 */
export function parseMetadata(bytes: Buffer): Package | undefined {
  const fields = readHeaders(bytes);
  const identity = readIdentity(first(fields, 'name'), first(fields, 'version'));
  if (identity === undefined || identity.name === 'Python') return undefined;
  const dependsOn = readRequirements(fields);
  return {
    type: 'pypi',
    ...identity,
    licenses: readLicenses(fields),
    cataloger: 'python',
    ...(dependsOn.length > 0 && { dependsOn }),
  };
}

/**
 * `License-Expression` alone where it is given (PEP 639: it replaces the others); else the `License` line and what the
 * classifiers say. A `License` of several lines is the text of a licence, not its name.
 */
function readLicenses(fields: readonly HeaderField[]): string[] {
  const expression = all(fields, 'license-expression');
  const statements =
    expression.length > 0
      ? expression
      : [
          ...all(fields, 'license').filter((text) => text.toUpperCase() !== 'UNKNOWN'),
          ...all(fields, 'classifier').map(classifiedLicense),
        ];
  return cleanTexts(statements, textLimits.license, textLimits.licenses);
}

/** The last part of `License :: OSI Approved :: MIT License`; the bare `OSI Approved` names no licence. */
function classifiedLicense(classifier: string): string | undefined {
  const parts = classifier.split('::').map((part) => part.trim());
  const name = parts.at(-1);
  return parts[0] === 'License' && parts.length > 1 && name !== 'OSI Approved' ? name : undefined;
}

/**
 * The distributions that `Requires-Dist` names, normalised (PEP 503). What an extra asks for is left out: the metadata
 * cannot tell whether that extra was installed.
 */
function readRequirements(fields: readonly HeaderField[]): string[] {
  const names = all(fields, 'requires-dist').map((requirement) => {
    const marker = requirement.indexOf(';');
    if (marker >= 0 && /\bextra\s*==/.test(requirement.slice(marker))) return undefined;
    const name = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/.exec(requirement)?.[0];
    return name?.toLowerCase().replaceAll(/[-_.]+/g, '-');
  });
  return cleanTexts(names, textLimits.name, textLimits.dependencies);
}

function first(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}

function all(fields: readonly HeaderField[], name: string): string[] {
  return fields.filter((field) => field.name === name).map((field) => field.value);
}
