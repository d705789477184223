import type { Package } from '../../../package/package.ts';
import { cleanText, readIdentity, textLimits } from '../../document/text.ts';
import { runtimeName } from './vendor.ts';

/** How much of a file is looked at, in bytes. */
const maxBytes = 64 * 1024;

/** Keys of which at least one stands beside `JAVA_VERSION` in every JDK, JRE and jlink image since Java 7. */
const companions = ['JAVA_RUNTIME_VERSION', 'IMPLEMENTOR', 'IMAGE_TYPE', 'OS_ARCH', 'MODULES'] as const;

/**
 * Reads the `release` file of a Java runtime: lines `KEY="value"`.
 *
 * The version is `JAVA_RUNTIME_VERSION`, which names the build (`17.0.9+9`, `1.8.0_392-b08`), else `JAVA_VERSION`.
 * Source: JEP 220, "Modular Run-Time Images".
 *
 * @returns undefined when the file does not describe a Java runtime
 * @throws CatalogError MALFORMED when the version is no plain text
 */
export function parseRelease(bytes: Buffer): Package | undefined {
  const values = readAssignments(bytes.toString('utf8', 0, maxBytes));
  const javaVersion = values.get('JAVA_VERSION');
  if (javaVersion === undefined || !companions.some((key) => values.has(key))) return undefined;
  const identity = readIdentity(runtimeName(values), values.get('JAVA_RUNTIME_VERSION') || javaVersion);
  if (identity === undefined) return undefined;
  const implementor = cleanText(values.get('IMPLEMENTOR'), textLimits.maintainer);
  return {
    type: 'generic',
    ...identity,
    licenses: [],
    ...(implementor !== undefined && implementor !== 'N/A' && { maintainer: implementor }),
    cataloger: 'jvm-release',
  };
}

function readAssignments(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z][A-Z0-9_]{0,60})=(?:"([^"]*)"|([^"\r]*))\r?$/.exec(line);
    if (match !== null) values.set(match[1] as string, (match[2] ?? match[3] ?? '').trim());
  }
  return values;
}
