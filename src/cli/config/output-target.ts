import { suggest } from '../../base/suggest.ts';
import { UnreadableValue, type ValueKind } from './value-kind.ts';

/** Formats of Syft, Grype and Trivy that are not written here; as the name of a file, they would be a report that nobody finds. */
const elsewhere: ReadonlySet<string> = new Set([
  'cosign-vuln',
  'cyclonedx',
  'cyclonedx-xml',
  'github',
  'github-json',
  'spdx',
  'spdx-tag-value',
  'syft-json',
  'syft-table',
  'syft-text',
  'template',
]);

/** Where one report goes. */
export interface OutputTarget {
  /** A format's id; absent when the setting `format` decides. */
  readonly format?: string;
  /** Absent for stdout. */
  readonly file?: string;
}

/**
 * `FORMAT=FILE`, `FORMAT` alone (stdout) or `FILE` alone (in the format that `--format` names, as in Trivy). A file
 * whose name reads like one of these is written with a folder: `./json`, `./a=b`. `-` is stdout.
 *
 * A file's name may hold commas, so a list is made by repeating, never by separators.
 */
export function outputKind(formats: readonly string[]): ValueKind<readonly OutputTarget[]> {
  return {
    placeholder: 'format=file',
    repeatable: true,
    words: formats,
    parse: (texts) => texts.map((text) => parseOutput(text, formats)),
    format: (targets) => targets.map(formatOutput).join(' '),
  };
}

function parseOutput(text: string, formats: readonly string[]): OutputTarget {
  if (text === '' || text.includes('\0')) throw new UnreadableValue(text, 'FORMAT=FILE or FILE');
  if (formats.includes(text)) return { format: text };
  const match = /^([a-z][a-z0-9-]*)=(.*)$/is.exec(text);
  if (match === null) {
    if (elsewhere.has(text)) {
      throw new UnreadableValue(text, `one of ${formats.join(', ')}, or ./${text} for a file of that name`);
    }
    return text === '-' ? {} : { file: text };
  }
  const [, format, file] = match as unknown as [string, string, string];
  if (!formats.includes(format)) {
    const near = suggest(format, formats);
    throw new UnreadableValue(
      text,
      `FORMAT=FILE with one of ${formats.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}, or ./${text} for a file of that name`,
    );
  }
  if (file === '') throw new UnreadableValue(text, `${format}=FILE with a file name, or ${format} alone for stdout`);
  return file === '-' ? { format } : { format, file };
}

function formatOutput({ format, file }: OutputTarget): string {
  if (format === undefined) return file ?? '-';
  return file === undefined ? format : `${format}=${file}`;
}
