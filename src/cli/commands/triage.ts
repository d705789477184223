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
import { askTriage, type TriagedImage } from '../registry/ask-triage.ts';
import { timeLimited } from '../time-limit.ts';
import { useColour } from '../terminal/colour.ts';
import { countOf } from '../terminal/count-of.ts';

/** Entries of a cell; of more, the number is told. */
const shown = 3;

/**
 * `triage`: tells which images of a registry have a flaw, or versions of a package: a table on terminals, else JSON.
 *
 * @throws TriageError, OciError
 */
export async function triageCommand(
  query: string,
  registry: string,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  // What is mistyped is told before anybody logs in.
  parseQuestion(query);
  await using network = await networkOf(settings, host);
  const keychain = await keychainOf(settings, host);
  const signal = timeLimited(host.signal, settings.timeout);
  const client = new RegistryClient(network, registry, { keychain });
  const { images, unreadable, items } = await askTriage(client, keychain, query, signal);
  if (host.stdout.isTerminal) await writeTable(images, host);
  else await host.stdout.write(`${JSON.stringify({ items, unreadable })}\n`);
  if (unreadable.length > 0) {
    const packages = unreadable.slice(0, 20).join(', ');
    const warning = `warning: versions of ${countOf(unreadable.length, 'package')} cannot be compared; look at them by hand: ${packages}`;
    await host.stderr.write(`${cleanText(warning)}\n`);
  }
  const repositories = new Set(images.map((image) => image.repository)).size;
  const found = `${countOf(images.length, 'image')} in ${countOf(repositories, 'repository', 'repositories')}`;
  if (!settings.quiet) await host.stderr.write(`Hit: ${found}\n`);
  if (images.length > 0) return exitCode.findings;
  return unreadable.length > 0 ? exitCode.error : exitCode.ok;
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
      few(pullers ?? []),
    ],
  }));
  const paint = paintWith(useColour(env, stdout.isTerminal));
  const lines = renderTextTable(columns, rows, { width: stdout.columns ?? 160, paint });
  await stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function few(entries: readonly string[]): string {
  const more = entries.length - shown;
  return `${entries.slice(0, shown).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
