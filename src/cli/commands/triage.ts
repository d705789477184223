import { escapeJson } from '../../base/printable-json.ts';
import { parseRegistryHost } from '../../oci/reference.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { paintWith } from '../../report/text/style.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { renderTextTable } from '../../report/text/text-table.ts';
import { parseQuestion } from '../../registry/scanning/triage/parse-question.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { keychainOf } from '../keychain.ts';
import { networkOf } from '../network.ts';
import { askTriage, type TriagedImage, type UnknownImages } from '../registry/ask-triage.ts';
import { few } from '../terminal/few.ts';
import { isTable } from '../terminal/is-table.ts';
import { timeLimited } from '../time-limit.ts';
import { useColour } from '../terminal/colour.ts';
import { countOf } from '../terminal/count-of.ts';

/** Entries of a warning. */
const most = 20;

/** Which registry is asked, and how the answer is told. */
export interface TriageOptions {
  readonly registry: string;
  /** A table on terminals, else JSON, where nothing is said. */
  readonly format?: 'table' | 'json';
}

/**
 * `triage`: tells which images of a registry have a flaw, or versions of a package.
 *
 * @throws TriageError, OciError
 */
export async function triageCommand(
  query: string,
  { registry, format }: TriageOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  // What is mistyped is told before anybody logs in.
  parseQuestion(query);
  const place = parseRegistryHost(registry);
  await using network = await networkOf(settings, host);
  const keychain = await keychainOf(settings, host);
  const signal = timeLimited(host.signal, settings.timeout);
  const client = new RegistryClient(network, place, { keychain });
  const { images, unreadable, unknown, repositories: looked, items } = await askTriage(client, keychain, query, signal);
  if (isTable(format, host.stdout)) await writeTable(images, host);
  else await host.stdout.write(`${escapeJson(JSON.stringify({ items, unreadable, unknown, repositories: looked }))}\n`);
  if (unreadable.length > 0) {
    const packages = listOf(unreadable);
    const versions = `the versions of ${countOf(unreadable.length, 'package')} cannot be compared with "${query}"`;
    await warn(`${versions}; look at them by hand: ${packages}`, host);
  }
  const gaps = unknown.unscanned + unknown.incomplete;
  if (gaps > 0) await warn(describeGaps(unknown), host);
  if (looked === 0) {
    await warn(`${registry} has no repository that you may pull from, so that nothing was looked at`, host);
  }
  const repositories = new Set(images.map((image) => image.repository)).size;
  const found = `Hit: ${countOf(images.length, 'image')} in ${countOf(repositories, 'repository', 'repositories')}`;
  if (!settings.quiet) await host.stderr.write(`${images.length === 0 ? 'No image is known to be hit' : found}\n`);
  if (images.length > 0) return exitCode.findings;
  return unreadable.length + gaps > 0 || looked === 0 ? exitCode.error : exitCode.ok;
}

async function warn(sentence: string, { stderr }: Host): Promise<void> {
  await stderr.write(`${cleanText(`warning: ${sentence}`)}\n`);
}

/** What silence about images does not mean. */
function describeGaps({ unscanned, incomplete, repositories }: UnknownImages): string {
  const parts = [
    ...(unscanned > 0 ? [`${countOf(unscanned, 'image')} not scanned`] : []),
    ...(incomplete > 0 ? [`${countOf(incomplete, 'image')} known in part only`] : []),
  ];
  return `perhaps hit as well: ${parts.join(', ')}; in ${listOf(repositories)}`;
}

function listOf(entries: readonly string[]): string {
  const more = entries.length - most;
  return `${entries.slice(0, most).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

async function writeTable(images: readonly TriagedImage[], { stdout, env }: Host): Promise<void> {
  if (images.length === 0) return;
  const columns = [
    { header: 'Repository', least: 12 },
    { header: 'Tags', least: 8 },
    { header: 'Digest' },
    { header: 'Packages', least: 12 },
    { header: 'Pulled' },
    { header: 'By', least: 8 },
  ];
  const rows = images.map(({ repository, digest, tags, packages, pulledAt, pullers }) => ({
    cells: [
      repository,
      few(tags),
      digest.slice(0, digest.indexOf(':') + 13),
      few(packages),
      pulledAt?.slice(0, 10) ?? '',
      // Who did not log in has no name.
      few((pullers ?? []).map((who) => who.replace(/:$/, ''))),
    ],
  }));
  const paint = paintWith(useColour(env, stdout.isTerminal));
  const lines = renderTextTable(columns, rows, { width: stdout.columns ?? 160, paint });
  await stdout.write(lines.map((line) => `${line}\n`).join(''));
}
