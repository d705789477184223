import type { Problem } from '../../base/problem.ts';
import type { Image } from '../../oci/image.ts';

/** Annotations of layers by which a node's snapshotter takes files from a format that is not read here. */
const layerFormats: readonly { readonly name: string; readonly annotation: RegExp }[] = [
  // nydus-snapshotter `pkg/label/label.go`: the bootstrap is the file system, and blobs have the pieces of its files.
  { name: 'Nydus', annotation: /^containerd\.io\/snapshot\/nydus-(?:bootstrap|blob|ref|tarfs|index-alternative)$/ },
  // accelerated-container-image `pkg/label/label.go`: layers are those of a block device; `fastoci` and `turbo-oci` are an index to a tar.
  { name: 'overlaybd', annotation: /^containerd\.io\/snapshot\/overlaybd(?:\/|\.)/ },
];

/** soci-snapshotter `soci/soci_index.go`: names the index of an image, which has the names and places of the files of its layers. */
const sociIndex = 'com.amazon.soci.index-digest';

/** Tells of an image that is marked for runtimes which do not unpack its tars, by formats that nobody reads here. */
export function unreadFormats(image: Pick<Image, 'name' | 'layers' | 'annotations'>): Problem[] {
  const problems: Problem[] = [];
  const add = (subject: string, what: string): number =>
    problems.push({
      code: 'LAYER_FORMAT_UNREAD',
      subject,
      message: `${what}, a format that is not read here; name the image that it was made from`,
      incomplete: true,
    });
  for (const { diffId, descriptor } of image.layers) {
    for (const { name, annotation } of layerFormats) {
      const mark = Object.keys(descriptor?.annotations ?? {}).find((each) => annotation.test(each));
      if (mark === undefined) continue;
      add(descriptor?.digest ?? diffId, `The layer is marked as one of ${name} (${mark.slice(0, 100)})`);
    }
  }
  if (image.annotations?.[sociIndex] !== undefined) {
    add(image.name, `The image is marked for lazy loading by a SOCI index (${sociIndex})`);
  }
  return problems;
}
