import { errorMessage } from '../../../base/error.ts';
import { LangError } from '../../../lang/error.ts';
import type { JmespathEnvironment, JmespathExpression } from '../../../lang/jmespath/evaluate.ts';
import { isObject, type JsonObject, type JsonValue, memberOf } from '../../../lang/jmespath/value.ts';
import type { ResourceImage } from '../../resource/images.ts';

/** Where objects of a kind have images, ready to be used (Kyverno, "Image Extractors"). */
export interface Extractor {
  /** Names of members, of which `*` is every element of a list or every member. */
  readonly path: readonly string[];
  /** The member that names the image, of what the path leads to. */
  readonly value: string;
  /** What the images are called together. */
  readonly group: string;
  /** The member that tells them apart; the place of the image when undefined. */
  readonly key: string | undefined;
  /** What the image is to be made of the text that stands there; the text itself when undefined. */
  readonly transform: JmespathExpression | undefined;
}

/** What is found; `tell` is called for places that cannot be read. */
export interface ExtractionSink {
  readonly take: (image: ResourceImage) => void;
  readonly tell: (pointer: string, why: string) => void;
}

/** Finds the images of an object. What leads nowhere is no image; what leads to something else than the extractor says is told. */
export function extractImages(
  extractor: Extractor,
  object: JsonObject,
  environment: JmespathEnvironment,
  sink: ExtractionSink,
): void {
  const keys = new Set<string>();
  const follow = (value: JsonValue, at: number, pointer: string): void => {
    if (value === null) return;
    const step = extractor.path[at];
    if (step === '*') {
      if (typeof value !== 'object') sink.tell(pointer, 'it is neither a list nor an object');
      else {
        for (const [name, each] of Object.entries(value)) follow(each, at + 1, pointerTo(pointer, name));
      }
    } else if (!isObject(value)) sink.tell(pointer, 'it is no object');
    else if (step === undefined) takeImage(extractor, value, pointer, keys, environment, sink);
    else follow(memberOf(value, step), at + 1, pointerTo(pointer, step));
  };
  follow(object, 0, '');
}

function takeImage(
  { value, group, key, transform }: Extractor,
  item: JsonObject,
  place: string,
  keys: Set<string>,
  environment: JmespathEnvironment,
  { take, tell }: ExtractionSink,
): void {
  const pointer = pointerTo(place, value);
  const told = key === undefined ? pointer : pointerTo(place, key);
  const name = key === undefined ? pointer : memberOf(item, key);
  if (typeof name !== 'string') return tell(told, 'it is no text, and should tell images apart');
  // In Kyverno, the image that comes later takes the place of the first, which is then looked at by nobody.
  if (keys.has(name)) return tell(told, 'another image is called the same');
  keys.add(name);
  const text = memberOf(item, value);
  if (text === null) return;
  if (typeof text !== 'string') return tell(pointer, 'it is no text');
  if (text.trim() === '') return;
  try {
    const image = transform === undefined ? text : transform.search(text, environment);
    if (typeof image === 'string') take({ group, name, image, pointer });
    else tell(pointer, `${transform?.text ?? ''} makes no text of it`);
  } catch (error) {
    if (!(error instanceof LangError)) throw error;
    tell(pointer, errorMessage(error));
  }
}

/** RFC 6901, section 3: `~` and `/` are written otherwise. */
function pointerTo(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
