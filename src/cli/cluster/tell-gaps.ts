import type { ClusterInventory } from '../../cluster/model.ts';
import { compileSelection, unknownKinds } from '../../cluster/selection.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { Host } from '../host.ts';

/** Gaps that are told one by one. */
const shown = 20;

/** Says on stderr what could not be listed, and what to do about it. */
export async function tellGaps({ gaps }: Pick<ClusterInventory, 'gaps'>, host: Host): Promise<void> {
  for (const { message, namespace, loses } of gaps.slice(0, shown)) {
    const where = namespace === undefined || message.includes(namespace) ? '' : ` (namespace ${namespace})`;
    const what = loses === 'workloads' ? 'some of what runs may be missing' : 'what runs is told in less detail';
    await host.stderr.write(`${cleanText(`warning: ${what}: ${message}${where}`)}\n`);
  }
  if (gaps.length > shown) await host.stderr.write(`warning: and ${gaps.length - shown} more lists are missing\n`);
  if (gaps.some(({ reason }) => reason === 'forbidden')) {
    await host.stderr.write('The rights that are needed: seaworthy k8s --show-rbac\n');
  }
}

/** Says on stderr which words for kinds meant nothing that runs: they may be mistyped. */
export async function tellUnknownKinds(
  words: readonly string[],
  { workloads }: Pick<ClusterInventory, 'workloads'>,
  host: Host,
): Promise<void> {
  for (const word of unknownKinds(words)) {
    const { hasKind } = compileSelection({ includeKinds: [word] });
    if (workloads.some(hasKind)) continue;
    await host.stderr.write(`${cleanText(`warning: nothing that runs is of the kind "${word}"; check its name`)}\n`);
  }
}
