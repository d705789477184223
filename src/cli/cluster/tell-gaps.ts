import type { ClusterInventory } from '../../cluster/model.ts';
import { printable } from '../../base/printable.ts';
import { meansKind, type Selection } from '../../cluster/selection.ts';
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
    await host.stderr.write(
      'The rights that are needed: seaworthy k8s --show-rbac, with the namespaces and kinds that were asked for\n',
    );
  }
}

/** Says on stderr of which kinds nothing runs that are not known here. Those that the cluster does not have are gaps. */
export async function tellUnknownKinds(
  { unknownKinds }: Pick<Selection, 'unknownKinds'>,
  { workloads, gaps }: Pick<ClusterInventory, 'workloads' | 'gaps'>,
  host: Host,
): Promise<void> {
  for (const word of unknownKinds) {
    if (workloads.some((each) => meansKind(word, each))) continue;
    if (gaps.some(({ resource }) => resource === printable(word))) continue;
    await host.stderr.write(`${cleanText(`warning: nothing that runs is of the kind "${word}"`)}\n`);
  }
}
