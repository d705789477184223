import type { Problem } from '../../base/problem.ts';
import type { TableDifferences } from './compare.ts';
import type { TableFormat } from './promise.ts';

const formatNames: Readonly<Record<TableFormat, string>> = { 'zstd-chunked': 'zstd:chunked', estargz: 'eStargz' };

/** What runtimes that go by a layer's table would unpack is not what was read. @param subject names the layer */
export function tableDiffers(subject: string, format: TableFormat, { count, examples }: TableDifferences): Problem {
  const places = `${count} ${count === 1 ? 'place' : 'places'}, such as ${examples.join(', ')}`;
  const message =
    `The layer's table of contents (${formatNames[format]}) says otherwise than its tar in ${places}; ` +
    'runtimes that go by the table run what nobody read here. Do not use the image, or build its layer anew';
  return { code: 'LAYER_TABLE_DIFFERS', subject, message, incomplete: true };
}

/** What runtimes that go by a layer's table would unpack is not known. @param subject names the layer */
export function tableUnreadable(subject: string, format: TableFormat, why: string): Problem {
  const message =
    `The layer is marked as ${formatNames[format]}, and its table of contents cannot be read: ${why}; ` +
    'what runtimes unpack that go by it was not read. Push the image again with a current tool, or without such a table';
  return { code: 'LAYER_TABLE_UNREADABLE', subject, message, incomplete: true };
}
