import type { Problem } from '../../base/problem.ts';
import type { TableDifferences } from './compare.ts';
import type { TableFormat } from './promise.ts';

const formatNames: Readonly<Record<TableFormat, string>> = { 'zstd-chunked': 'zstd:chunked', estargz: 'eStargz' };

/** What runtimes that go by a layer's table unpack is not what was read. @param subject names the layer */
export function tableDiffers(subject: string, format: TableFormat, { count, examples }: TableDifferences): Problem {
  const more = count > examples.length ? ', …' : '';
  const message =
    `The layer's table of contents (${formatNames[format]}) differs from its tar in ${count} ${count === 1 ? 'place' : 'places'} ` +
    `(${examples.join(', ')}${more}), so that some runtimes run what was not read; build the layer anew`;
  return { code: 'LAYER_TABLE_DIFFERS', subject, message, incomplete: true };
}

/** What runtimes that go by a layer's table unpack is not known. @param subject names the layer */
export function tableUnreadable(subject: string, format: TableFormat, why: string): Problem {
  const message =
    `The layer's table of contents (${formatNames[format]}) cannot be read: ${why}; ` +
    'what runtimes that go by it run is not known. Push the image again with a current tool, or without such a table';
  return { code: 'LAYER_TABLE_UNREADABLE', subject, message, incomplete: true };
}
