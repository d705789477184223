import { resolve } from 'node:path';
import { errorMessage } from '../base/error.ts';
import { vexLimits } from '../match/vex/limits.ts';
import type { StatementIndex } from '../match/vex/statement-index.ts';
import { cleanText } from '../report/text/clean-text.ts';
import { ConfigError } from './config/error.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';
import { readBounded } from './read-bounded.ts';
import { countOf } from './terminal/count-of.ts';

/** Words that Trivy takes in the place of a file, with what to do here. */
const otherSources: ReadonlyMap<string, string> = new Map([
  [
    'oci',
    'VEX attestations of images are not looked for; verify one with "verify-attestation --type openvex", and name a file with its predicate',
  ],
  ['repo', 'repositories of VEX documents are not asked; fetch the document and name its file'],
  ['repository', 'repositories of VEX documents are not asked; fetch the document and name its file'],
  ['sbom-ref', 'documents that a bill of materials refers to are not fetched; fetch the document and name its file'],
]);

/**
 * Reads the documents of `--vex`, and tells of statements that packages cannot be held against, or that do not say why: whoever named the document counts on them.
 *
 * @returns undefined where none is named
 * @throws ConfigError SETTING_INVALID for what cannot be read; VexError
 */
export async function readVexDocuments(
  { vex }: Pick<Settings, 'vex'>,
  host: Host,
): Promise<StatementIndex | undefined> {
  if (vex.length === 0) return undefined;
  const [{ parseVex }, { indexStatements }] = await Promise.all([
    import('../match/vex/parse-vex.ts'),
    import('../match/vex/statement-index.ts'),
  ]);
  const documents = [];
  for (const name of vex) {
    const document = parseVex(await readFile(name, host), name);
    const { unusable, unreasoned } = document;
    documents.push(document);
    if (unreasoned > 0) {
      const what = `${countOf(unreasoned, 'statement')} not_affected without a justification or an impact_statement`;
      const sentence = `${name}: ${what}, of which OpenVEX demands one, ${unreasoned === 1 ? 'sets' : 'set'} nothing aside`;
      await host.stderr.write(`${cleanText(sentence)}\n`);
    }
    if (unusable === 0) continue;
    const what = `${countOf(unusable, 'statement')} ${unusable === 1 ? 'names a product' : 'name products'}`;
    const sentence = `${name}: ${what} without a package URL that can be read, and set${unusable === 1 ? 's' : ''} nothing aside for ${unusable === 1 ? 'it' : 'them'}`;
    await host.stderr.write(`${cleanText(sentence)}\n`);
  }
  return indexStatements(documents);
}

async function readFile(name: string, host: Host): Promise<Buffer> {
  const instead = otherSources.get(name);
  if (instead !== undefined) {
    throw new ConfigError(
      'SETTING_INVALID',
      `--vex ${name} is not here: ${instead} (./${name} is a file of that name)`,
    );
  }
  const path = resolve(host.cwd, name);
  try {
    return await readBounded(path, vexLimits.bytes, host.signal);
  } catch (cause) {
    host.signal.throwIfAborted();
    const message = `The VEX document ${path} cannot be read (${errorMessage(cause)}); name another with --vex`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}
