import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInTypes } from '../../testing/kubernetes/resource-types.ts';
import { kubernetesLimits } from './limits.ts';
import { listPages } from './list-pages.ts';

test('listPages() goes through no list without end', async () => {
  let pages = 0;
  const transport = {
    read: async (): Promise<Buffer> => {
      pages += 1;
      const metadata = { resourceVersion: '1', continue: `page ${pages}` };
      return Buffer.from(JSON.stringify({ apiVersion: 'v1', kind: 'PodList', metadata, items: [] }));
    },
  };
  await assert.rejects(
    async () => {
      for await (const page of listPages(transport, builtInTypes.pods)) assert.equal(page.objects.length, 0);
    },
    { code: 'LIMIT_EXCEEDED', message: /does not end/ },
  );
  assert.equal(pages, kubernetesLimits.listPages);
});
