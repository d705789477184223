import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, describe } from 'node:test';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { sha256 } from '../../testing/image/image-builder.ts';
import { openWorkplace } from '../end-to-end/sample.ts';
import type { Ended } from '../end-to-end/program.ts';
import {
  hostileDocuments,
  hostileIgnoreFiles,
  hostileIndexes,
  hostileLayers,
  hostileSettings,
  hostileVexDocuments,
  imageOf,
  indexBlobs,
} from './hostile-inputs.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());

/** Controls but for line ends, C1 controls, and what turns the direction of text. */
const unsafe = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

/** A report, or one sentence with a code; in both cases nothing that a terminal would obey. */
function assertOrderly({ status, signal, stdout, stderr }: Ended): void {
  assert.equal(signal, null);
  assert.ok(status === 0 || status === 2, `status ${status}: ${stderr.slice(0, 500)}`);
  assert.doesNotMatch(stdout, unsafe);
  assert.doesNotMatch(stderr, unsafe);
  assert.doesNotMatch(stderr, /\n\s+at |^error: /m);
  if (stdout === '') assert.match(stderr, /^error [A-Z_]+: \S/m);
}

/** The formats besides the table; they may well be printed too. */
const documents = ['json', 'sarif', 'cyclonedx-json', 'spdx-json'];

const small = { concurrency: 2 };

describe('image reports a hostile layer or says what is wrong', small, () => {
  for (const [what, tar] of hostileLayers) {
    test(what, async () => {
      const layout = what.replaceAll(/\W/g, '-');
      writeFiles(join(place.path, layout), layoutFiles([{ content: imageOf(tar), refName: 'v1' }]));
      const reports = documents.flatMap((format) => ['-o', `${format}=${layout}.${format}`]);
      assertOrderly(await place.run(['image', `oci-dir:${layout}`, '--no-cache', '-o', 'table', ...reports]));
      for (const format of documents) {
        assert.doesNotMatch(readFileSync(join(place.path, `${layout}.${format}`), 'utf8'), unsafe);
      }
      assert.equal(existsSync(join(place.path, 'escaped')), false);
    });
  }
});

describe('image refuses or reads an index that', small, () => {
  for (const [what, text] of hostileIndexes) {
    test(what, async () => {
      const layout = what.replaceAll(/\W/g, '-');
      const files = new Map(indexBlobs.map((blob) => [`blobs/${sha256(blob).replace(':', '/')}`, blob]));
      files.set('index.json', Buffer.from(text)).set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
      writeFiles(join(place.path, layout), files);
      assertOrderly(await place.run(['image', `oci-dir:${layout}`]));
    });
  }
});

describe('scan refuses or reads a bill of materials that', small, () => {
  for (const [what, text] of hostileDocuments) {
    test(what, async () => {
      const name = `${what.replaceAll(/\W/g, '-')}.json`;
      place.write(name, Buffer.from(text));
      assertOrderly(await place.run(['scan', `sbom:${name}`]));
    });
  }
});

const harmless = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] });
place.write('harmless.json', Buffer.from(harmless));

for (const [flag, inputs] of [
  ['--ignorefile', hostileIgnoreFiles],
  ['--vex', hostileVexDocuments],
  ['--config', hostileSettings],
] as const) {
  describe(`${flag} refuses or reads a file that`, small, () => {
    for (const [what, text] of inputs) {
      test(what, async () => {
        const name = `${flag.slice(2)}-${what.replaceAll(/\W/g, '-')}.yaml`;
        place.write(name, Buffer.from(text));
        assertOrderly(await place.run(['scan', 'sbom:harmless.json', flag, name]));
      });
    }
  });
}
