import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LangError } from '../../../lang/error.ts';
import { type JsonObject, type JsonValue, memberOf } from '../../../lang/jmespath/value.ts';
import type { ResourceImages } from '../../resource/images.ts';
import type { ImageExtractor } from '../document/policy/model.ts';
import { parseKyvernoImage, usualNaming } from '../image-name.ts';
import { kyvernoLimits } from '../limits.ts';
import type { KyvernoSettings } from '../rule/model.ts';
import { exactStyle, strictStyle } from '../style.ts';
import { compileExtraction } from './compile-extraction.ts';
import { imagesVariable, imageVariable } from './images-variable.ts';

const settings: KyvernoSettings = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };
const digest = `sha256:${'a'.repeat(64)}`;

function extract(extractors: readonly ImageExtractor[], object: JsonObject, kind = 'Task'): ResourceImages {
  const { imagesOf, mistakes } = compileExtraction({ imageExtractors: { Task: extractors } }, settings);
  assert.deepEqual(mistakes, []);
  return imagesOf({ group: 'tekton.dev', kind, object }, 0);
}

/** `group name image pointer` of each. */
function told({ images }: ResourceImages): readonly string[] {
  return images.map((each) => `${each.group} ${each.name} ${each.image} ${each.pointer}`);
}

const steps = {
  spec: {
    image: 'a:1',
    steps: [
      { name: 'one', image: 'b:1' },
      { name: 'two', image: 'c:1', sub: { ref: 'docker://d:1' } },
      { name: 'none' },
      { name: 'empty', image: ' ' },
    ],
    byName: { x: { image: 'e:1' }, 'y/z~': { image: 'f:1' } },
  },
};

const found: readonly (readonly [what: string, extractor: ImageExtractor, images: readonly string[]])[] = [
  ['the last part of the path', { path: '/spec/image' }, ['custom /spec/image a:1 /spec/image']],
  ['a path with spaces and too many slashes', { path: ' //spec/ image/' }, ['custom /spec/image a:1 /spec/image']],
  [
    'every element of a list',
    { path: '/spec/steps/*', value: 'image', name: 'steps', key: 'name' },
    ['steps one b:1 /spec/steps/0/image', 'steps two c:1 /spec/steps/1/image'],
  ],
  [
    'every member of an object, whose names are escaped in the pointer',
    { path: '/spec/byName/*/image' },
    [
      'custom /spec/byName/x/image e:1 /spec/byName/x/image',
      'custom /spec/byName/y~1z~0/image f:1 /spec/byName/y~1z~0/image',
    ],
  ],
  [
    'what an expression makes of the text',
    { path: '/spec/steps/*/sub/ref', jmesPath: "trim_prefix(@, 'docker://')" },
    ['custom /spec/steps/1/sub/ref d:1 /spec/steps/1/sub/ref'],
  ],
  ['nothing where there is nothing', { path: '/spec/other/*/image' }, []],
  ['nothing where a member is inherited', { path: '/constructor/name' }, []],
];

for (const [what, extractor, images] of found) {
  test(`§2.3.8 an extractor finds ${what}`, () => {
    const result = extract([extractor], steps);
    assert.deepEqual([told(result), result.unreadable], [images, []]);
  });
}

const unreadable: readonly (readonly [
  what: string,
  extractor: ImageExtractor,
  object: JsonObject,
  places: readonly string[],
])[] = [
  ['a key that is not there', { path: '/a/*', value: 'image', key: 'id' }, { a: [{ image: 'x' }] }, ['/a/0/id']],
  ['a key that is no text', { path: '/a/*', value: 'image', key: 'id' }, { a: [{ id: 1, image: 'x' }] }, ['/a/0/id']],
  [
    'a key that another has, behind which an image would be hidden',
    { path: '/a/*', value: 'image', key: 'id' },
    {
      a: [
        { id: 'x', image: 'evil' },
        { id: 'x', image: 'good' },
      ],
    },
    ['/a/1/id'],
  ],
  ['an image that is no text', { path: '/a/image' }, { a: { image: ['x'] } }, ['/a/image']],
  ['a text where elements should be', { path: '/a/*/image' }, { a: 'x' }, ['/a']],
  ['a text where an object should be', { path: '/a/b/image' }, { a: 'x' }, ['/a']],
  ['an element that is no object', { path: '/a/*/image' }, { a: ['x', { image: 'y' }] }, ['/a/0']],
  ['what an expression makes no text of', { path: '/a/i', jmesPath: 'length(@)' }, { a: { i: 'x' } }, ['/a/i']],
  ['what an expression fails for', { path: '/a/i', jmesPath: 'abs(@)' }, { a: { i: 'x' } }, ['/a/i']],
];

for (const [what, extractor, object, places] of unreadable) {
  test(`§2.3.8 an extractor tells ${what}`, () => {
    assert.deepEqual(
      extract([extractor], object).unreadable.map(({ pointer }) => pointer),
      places,
    );
  });
}

test('§2.3.8 extractors take the place of what is known of their kind, and of no other', () => {
  const rule = { imageExtractors: { Pod: [{ path: '/spec/x' }] } };
  const { imagesOf } = compileExtraction(rule, settings);
  const object = { spec: { x: 'a:1', containers: [{ name: 'c', image: 'b:1' }] } };
  assert.deepEqual(told(imagesOf({ group: '', kind: 'Pod', object }, 0)), ['custom /spec/x a:1 /spec/x']);
  const template = { spec: { template: object } };
  assert.deepEqual(told(imagesOf({ group: 'apps', kind: 'Deployment', object: template }, 0)), [
    'containers c b:1 /spec/template/spec/containers/0/image',
  ]);
});

test('several extractors of one name hide nothing of each other', () => {
  assert.equal(extract([{ path: '/spec/image' }, { path: '/spec/byName/*/image' }], steps).images.length, 3);
});

test('images of volumes are looked at, and passed over as in Kyverno when that is asked for', () => {
  const object = { spec: { volumes: [{ name: 'model', image: { reference: 'a:1' } }] } };
  const count = (style: typeof strictStyle): number =>
    compileExtraction({}, { ...settings, style }).imagesOf({ group: '', kind: 'Pod', object }, 0).images.length;
  assert.deepEqual([count(strictStyle), count(exactStyle)], [1, 0]);
});

test('of more images than there may be, the rest is told and not passed over', () => {
  const containers = Array.from({ length: kyvernoLimits.images + 1 }, (_, at) => ({ name: `c${at}`, image: 'a' }));
  const subject = { group: '', kind: 'Pod', object: { spec: { containers } } };
  const { images, unreadable: rest } = compileExtraction({}, settings).imagesOf(subject, 0);
  assert.deepEqual([images.length, rest.length], [kyvernoLimits.images, 1]);
});

const mistakes: readonly (readonly [what: string, extractor: ImageExtractor, member: string])[] = [
  ['an empty path', { path: ' / ' }, 'path'],
  ['a path that ends with *', { path: '/a/*' }, 'path'],
  ['an expression that cannot be read', { path: '/a', jmesPath: 'a[' }, 'jmesPath'],
];

for (const [what, extractor, member] of mistakes) {
  test(`compileExtraction() tells ${what}`, () => {
    const compiled = compileExtraction({ imageExtractors: { Task: [extractor] } }, settings);
    assert.deepEqual(
      compiled.mistakes.map(({ path }) => path),
      [['imageExtractors', 'Task', 0, member]],
    );
  });
}

test('compileExtraction() tells a kind without extractors, and one with too many', () => {
  const many = Array.from({ length: kyvernoLimits.extractors + 1 }, () => ({ path: '/a' }));
  const compiled = compileExtraction({ imageExtractors: { A: [], B: many } }, settings);
  assert.deepEqual(
    compiled.mistakes.map(({ path }) => path.join('.')),
    ['imageExtractors.A', 'imageExtractors.B'],
  );
});

test('every image of an object that an extractor leads to is found where its pointer says', () => {
  const member = fc.constantFrom('a', 'b/c', '~', '*', 'image');
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<JsonValue>('x:1', 'y:2', '', null, 5),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(member, tie('value'), { maxKeys: 3 }),
    ),
  }));
  const path = fc.array(fc.constantFrom('a', '*', '~'), { maxLength: 3 }).map((parts) => [...parts, 'image'].join('/'));
  fc.assert(
    fc.property(path, fc.dictionary(member, value, { maxKeys: 3 }), (way, object) => {
      const { images, unreadable: rest } = extract([{ path: way }], object);
      for (const { image, pointer } of images) assert.equal(at(object, pointer), image);
      // Whatever is on the way is an image, is told, or is nothing.
      assert.equal(images.length + rest.length, leads(object, way.split('/')));
    }),
    { numRuns: 500 },
  );
});

/** RFC 6901, section 4. */
function at(value: JsonValue, pointer: string): JsonValue {
  const names = pointer.split('/').slice(1);
  return names.reduce<JsonValue>((each, name) => {
    const plain = name.replaceAll('~1', '/').replaceAll('~0', '~');
    return Array.isArray(each) ? ((each as readonly JsonValue[])[Number(plain)] ?? null) : memberOf(each, plain);
  }, value);
}

/** How many places a path leads to that are not nothing. */
function leads(value: JsonValue, [name, ...rest]: readonly string[]): number {
  if (value === null) return 0;
  if (name === undefined) return typeof value === 'string' && value.trim() === '' ? 0 : 1;
  if (typeof value !== 'object') return 1;
  if (name === '*') return Object.values(value).reduce<number>((sum, each) => sum + leads(each, rest), 0);
  return Array.isArray(value) ? 1 : leads(memberOf(value, name), rest);
}

test('images has the parts of names as Kyverno has them', () => {
  const images = [
    { group: 'containers', name: 'web', image: 'ghcr.io/org/app:1.2', pointer: '/spec/containers/0/image' },
    { group: 'containers', name: 'side', image: `nginx@${digest}`, pointer: '/spec/containers/1/image' },
    { group: 'initContainers', name: 'web', image: 'busybox', pointer: '/spec/initContainers/0/image' },
  ];
  assert.deepEqual(imagesVariable({ images, unreadable: [] }, usualNaming), {
    containers: {
      web: {
        registry: 'ghcr.io',
        path: 'org/app',
        name: 'app',
        tag: '1.2',
        reference: 'ghcr.io/org/app:1.2',
        referenceWithTag: 'ghcr.io/org/app:1.2',
        jsonPointer: '/spec/containers/0/image',
      },
      side: {
        registry: 'docker.io',
        path: 'nginx',
        name: 'nginx',
        digest,
        reference: `docker.io/nginx@${digest}`,
        referenceWithTag: 'docker.io/nginx:',
        jsonPointer: '/spec/containers/1/image',
      },
    },
    initContainers: {
      web: {
        registry: 'docker.io',
        path: 'busybox',
        name: 'busybox',
        tag: 'latest',
        reference: 'docker.io/busybox:latest',
        referenceWithTag: 'docker.io/busybox:latest',
        jsonPointer: '/spec/initContainers/0/image',
      },
    },
  });
});

test('images is no value where an image cannot be read', () => {
  const image = { group: 'containers', name: 'a', image: 'NGINX', pointer: '/x' };
  assert.throws(() => imagesVariable({ images: [image], unreadable: [] }, usualNaming), LangError);
  const wrong = { images: [], unreadable: [{ pointer: '/x', why: 'it is no text' }] };
  assert.throws(() => imagesVariable(wrong, usualNaming), LangError);
});

test('image has an empty text for what it has not', () => {
  const image = parseKyvernoImage(`nginx@${digest}`);
  assert.ok(image !== undefined);
  assert.deepEqual([imageVariable(image).tag, imageVariable(image).digest], ['', digest]);
});
